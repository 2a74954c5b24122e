/**
 * `Ingot: Quantize a Model...`: a GGUF file of this computer into a smaller type. Every step can be given as an argument, so that
 * the command can be run without a person. The work itself is a job's.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { window } from "vscode";
import type { MachineMemory } from "../../library/memory";
import type { ConvertPlan, ConvertResult } from "../../protocol/worker";
import type { Notify } from "../notify";
import { mayReplace } from "./convert";
import { fitType } from "./fit";
import type { Jobs } from "./jobs";
import { withNotification } from "./notification";
import { modelRow } from "./modelRow";
import { pickOne } from "./pick";
import type { ModelFile } from "./rows";
import { parsePath, resultFileName } from "./source";
import { pickType, type TypeChoice } from "./typePick";
import { quantizeRows, stemOf } from "./typeRows";
import type { Work } from "./work";

export interface QuantizeArguments {
    /** Absolute path of a GGUF file; the first one of a split model. */
    path?: string | undefined;
    type?: string | undefined;
    /** Absolute path of an importance matrix. */
    imatrix?: string | undefined;
    /** Absolute path of the result; by default in the library. */
    out?: string | undefined;
    overwrite?: boolean | undefined;
}

export interface QuantizeOptions {
    jobs: Jobs;
    notify: Notify;
    work: Work;
    memory: () => MachineMemory;
    library: () => Promise<ModelFile[]>;
    modelsFolder: () => string;
    homeFolder: string;
    exists: (path: string) => Promise<boolean>;
}

/** Returns the result, or undefined when the person stopped at some step. */
export async function quantizeModel(
    options: QuantizeOptions,
    given: QuantizeArguments,
): Promise<ConvertResult | undefined> {
    const file = given.path ?? (await pickFile(options));
    if (file === undefined) return undefined;
    const choice: TypeChoice | undefined =
        given.type === undefined
            ? await chooseType(options, file, given.imatrix)
            : { type: given.type, imatrix: given.imatrix };
    if (!choice) return undefined;
    const recipe = choice.imatrix === undefined ? undefined : { imatrix: choice.imatrix };
    const fitted = await fitType(
        options.jobs,
        {
            model: { kind: "gguf", file, allowRequantize: true },
            target: choice.type,
            recipe,
        },
        given.type === undefined,
    );
    if (!fitted) return undefined;
    const name = await nameOf(options, file);
    const out =
        given.out ?? join(options.modelsFolder(), resultFileName(stemOf(name), fitted.label));
    const overwrite = given.overwrite ?? (await mayReplace(options, out));
    if (overwrite === undefined) return undefined;
    // What that costs was said above the types.
    return options.work.quantize({
        file,
        type: fitted.type,
        out,
        overwrite,
        allowRequantize: true,
        ...(fitted.recipe === undefined ? {} : { recipe: fitted.recipe }),
    });
}

/** A file of another tool can have a name that its path does not tell. */
async function nameOf({ library }: QuantizeOptions, file: string): Promise<string> {
    return (await library()).find(({ path }) => path === file)?.name ?? file;
}

type FileChoice = { kind: "file"; path: string } | { kind: "browse" };

async function pickFile(options: QuantizeOptions): Promise<string | undefined> {
    const library = (await options.library()).filter(({ problem }) => problem === undefined);
    const picked = await pickOne<FileChoice>({
        title: "Quantize a Model (1/2): File",
        placeholder: "A model of this computer, or the path of a GGUF file",
        rows: [
            { separator: "On this computer" },
            ...library.map((model) =>
                modelRow<FileChoice>(model, { kind: "file", path: model.path }),
            ),
            { label: "$(folder-opened) Browse for a GGUF File...", value: { kind: "browse" } },
        ],
        fromText: (text) => {
            const path = parsePath(text, options.homeFolder);
            if (!path?.toLowerCase().endsWith(".gguf")) return undefined;
            return { label: `$(file-binary) Quantize ${path}`, value: { kind: "file", path } };
        },
    });
    if (picked?.kind !== "browse") return picked?.path;
    const [file] =
        (await window.showOpenDialog({
            title: "GGUF File to Quantize",
            filters: { "GGUF models": ["gguf"] },
            openLabel: "Quantize",
        })) ?? [];
    return file?.fsPath;
}

async function chooseType(
    options: QuantizeOptions,
    file: string,
    imatrix: string | undefined,
): Promise<TypeChoice | undefined> {
    // Of a split model the library knows the size of all parts.
    const known = (await options.library()).find(({ path }) => path === file);
    const sizeBytes = known?.sizeBytes ?? (await stat(file)).size;
    const memory = options.memory();
    return pickType({
        title: ({ name, license }) =>
            `Quantize a Model (2/2): Type for ${name}${license ? `, ${license}` : ""}`,
        homeFolder: options.homeFolder,
        imatrix,
        plan: (matrix) => readPlan(options, file, matrix),
        list: (plan, matrix) => quantizeRows(plan, { sizeBytes }, { memory, imatrix: matrix }),
    });
}

function readPlan(
    { jobs }: QuantizeOptions,
    file: string,
    imatrix: string | undefined,
): Promise<ConvertPlan> {
    const recipe = imatrix === undefined ? undefined : { imatrix };
    return withNotification(`Reading ${stemOf(file)}`, (signal) =>
        jobs.quantizePlan({ file, allowRequantize: true, recipe }, signal),
    );
}
