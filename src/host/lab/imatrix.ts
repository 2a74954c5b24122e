/**
 * `Ingot: Make an Importance Matrix...`: of a GGUF file of this computer, on the workspace's code or files. Every step can be given as an
 * argument. The result lies in the library, where the lists of types offer it; the work itself is a job's.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ImatrixResult } from "../../protocol/lab";
import { mayReplace } from "../models/convert";
import { pickFile } from "../models/pickFile";
import type { ModelFile } from "../models/rows";
import { resultStem } from "../models/source";
import { stemOf } from "../models/typeRows";
import type { Work } from "../models/work";
import type { Notify } from "../notify";
import { asTexts, textOf, usualChunks, type AskText, type TextQuestion } from "./textPick";

export interface ImatrixArguments {
    /** Absolute path of a GGUF file; the first one of a split model. */
    path?: string | undefined;
    /** Absolute paths. */
    text?: readonly string[] | undefined;
    chunks?: number | undefined;
    /** Absolute path of the result; by default in the library. */
    out?: string | undefined;
    overwrite?: boolean | undefined;
}

export interface ImatrixOptions {
    work: Pick<Work, "imatrix">;
    notify: Notify;
    library: () => Promise<ModelFile[]>;
    modelsFolder: () => string;
    homeFolder: string;
    exists: (path: string) => Promise<boolean>;
    threads: () => number | undefined;
    askText: AskText;
}

const FILE = {
    title: "Make an Importance Matrix (1/2): Model",
    dialogTitle: "GGUF File to Measure",
    verb: "Measure",
};
const TEXT: TextQuestion = {
    title: "Make an Importance Matrix (2/2): Text",
    purpose: "What the weights see while the model reads the code of this workspace is measured",
    verb: "Measure",
    amounts: [
        { name: "Quick", chunks: 32, detail: "better than none" },
        { name: "Usual", chunks: 128, detail: "for your own quantizations" },
        { name: "Thorough", chunks: 400, detail: "for types of less than 3 bits, and to publish" },
    ],
};

/** Returns the result, or undefined when the person stopped at some step. */
export async function makeImatrix(
    options: ImatrixOptions,
    given: ImatrixArguments,
): Promise<ImatrixResult | undefined> {
    const model = given.path ?? (await pickFile({ ...options, ...FILE }));
    if (model === undefined) return undefined;
    const text = given.text
        ? await textOf(given.text, given.chunks ?? usualChunks(TEXT))
        : await options.askText(TEXT);
    if (!text) return undefined;
    // A file of another tool can have a name that its path does not tell.
    const known = (await options.library()).find(({ path }) => path === model);
    const name = `${resultStem(stemOf(known?.name ?? model))}.imatrix.gguf`;
    const out = given.out ?? join(options.modelsFolder(), name);
    const overwrite = given.overwrite ?? (await mayReplace(options, out));
    if (overwrite === undefined) return undefined;
    // Nothing may ever have been put into the library; one that cannot be made is refused by the job.
    if (given.out === undefined)
        await mkdir(options.modelsFolder(), { recursive: true }).catch(() => undefined);
    return options.work.imatrix({
        model,
        out,
        overwrite,
        format: "gguf",
        threads: options.threads(),
        ...asTexts(text),
    });
}
