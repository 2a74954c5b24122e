/**
 * `Ingot: Quantize a Model...`: a GGUF file of this computer into a smaller type. Every step can be given as an argument, so that
 * the command can be run without a person. The work itself is a job's.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { MachineMemory } from "../../library/memory";
import type { ConvertPlan, ConvertResult } from "../../protocol/worker";
import { asTexts, type AskText } from "../lab/textPick";
import type { Notify } from "../notify";
import { textGiven } from "./calibration";
import { mayReplace } from "./convert";
import { fitType } from "./fit";
import type { Jobs } from "./jobs";
import { withNotification } from "./notification";
import { pickFile } from "./pickFile";
import type { ModelFile } from "./rows";
import { resultFileName } from "./source";
import { pickType, type TypeChoice } from "./typePick";
import { quantizeRows, stemOf } from "./typeRows";
import type { Work } from "./work";

export interface QuantizeArguments {
    /** Absolute path of a GGUF file; the first one of a split model. */
    path?: string | undefined;
    type?: string | undefined;
    /** Absolute path of an importance matrix. */
    imatrix?: string | undefined;
    /** Absolute paths of texts for error feedback, and at most how many chunks of them. */
    calibrate?: readonly string[] | undefined;
    chunks?: number | undefined;
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
    /** The text for error feedback. */
    askText: AskText;
    /** Measures an importance matrix of a file, in front of the person; its path, undefined when the person stopped. */
    makeImatrix: (file: string) => Promise<string | undefined>;
}

const FILE = {
    title: "Quantize a Model (1/2): File",
    dialogTitle: "GGUF File to Quantize",
    verb: "Quantize",
};

/** Returns the result, or undefined when the person stopped at some step. */
export async function quantizeModel(
    options: QuantizeOptions,
    given: QuantizeArguments,
): Promise<ConvertResult | undefined> {
    const file = given.path ?? (await pickFile({ ...options, ...FILE }));
    if (file === undefined) return undefined;
    const choice: TypeChoice | undefined =
        given.type === undefined
            ? await chooseType(options, file, given.imatrix)
            : { type: given.type, imatrix: given.imatrix, calibration: await textGiven(given) };
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
        ...(choice.calibration && { calibration: asTexts(choice.calibration) }),
    });
}

/** A file of another tool can have a name that its path does not tell. */
async function nameOf({ library }: QuantizeOptions, file: string): Promise<string> {
    return (await library()).find(({ path }) => path === file)?.name ?? file;
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
        modelsFolder: options.modelsFolder(),
        makeImatrix: () => options.makeImatrix(file),
        askText: options.askText,
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
