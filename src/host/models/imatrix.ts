/** Asks for an importance matrix: one of the library, made now, its path typed or browsed for, or back to the types. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { window } from "vscode";
import { arrayOf, numberOf } from "../../gguf/metadata";
import { readGgufFile } from "../../library/ggufFile";
import { pickOne, type PickRow } from "./pick";
import { notes } from "./needs";
import { fileName, parsePath } from "./source";
import { stemOf } from "./typeRows";

export type ImatrixChoice = { kind: "file"; path: string } | { kind: "back" };

export interface ImatrixQuestion {
    /** The type or model that it is for. */
    what: string;
    /** Name of the model: importance matrices that are called after it come first. */
    model: string;
    homeFolder: string;
    /** The library. */
    modelsFolder: string;
    /** Asked from a list of types, to which the person can go back. */
    isForTypes: boolean;
    /** Measures one of the model, in front of the person; its path, undefined when the person stopped. Left out: there is no GGUF file to measure yet. */
    make?: (() => Promise<string | undefined>) | undefined;
}

type Step = ImatrixChoice | { kind: "browse" } | { kind: "make" };

const ENDING = /\.imatrix\.(gguf|dat)$/i;
const MAX_FILES = 20;
const MAX_TEXT_CHARACTERS = 80;

/** Undefined when the person stopped. */
export async function pickImatrix(question: ImatrixQuestion): Promise<ImatrixChoice | undefined> {
    const { what, model, homeFolder, modelsFolder, isForTypes, make } = question;
    const known = await imatrixRows(modelsFolder, model);
    const picked = await pickOne<Step>({
        title: `Importance Matrix for ${what}`,
        placeholder: "Path of a .gguf or .dat file that was measured of this very model",
        rows: [
            ...(known.length > 0 ? [{ separator: "In the library" }, ...known] : []),
            { separator: "Others" },
            ...(make ? [MAKE_ROW] : []),
            {
                label: "$(folder-opened) Browse for an Importance Matrix...",
                value: { kind: "browse" },
            },
            ...(isForTypes ? [BACK_ROW] : []),
        ],
        fromText: (text) => {
            const path = parsePath(text, homeFolder);
            if (!path || !/\.(gguf|dat)$/i.test(path)) return undefined;
            return { label: `$(file) Use ${path}`, value: { kind: "file", path } };
        },
    });
    if (picked?.kind === "make") {
        const path = await make?.();
        return path === undefined ? undefined : { kind: "file", path };
    }
    if (picked?.kind !== "browse") return picked;
    const [file] =
        (await window.showOpenDialog({
            title: "Importance Matrix",
            filters: { "Importance matrices": ["gguf", "dat"] },
            openLabel: "Use",
        })) ?? [];
    return file && { kind: "file", path: file.fsPath };
}

const MAKE_ROW: PickRow<Step> = {
    label: "$(beaker) Make an Importance Matrix...",
    detail: "The model is run on a text, such as the code of this workspace, and what its weights see is measured",
    value: { kind: "make" },
};

const BACK_ROW: PickRow<Step> = {
    label: "$(arrow-left) Choose Another Type",
    detail: "Types of at least 3 bits, such as Q3_K_M or IQ4_XS, do without",
    value: { kind: "back" },
};

/** `coder.imatrix.gguf` of the library, those of the model first. */
async function imatrixRows(folder: string, model: string): Promise<PickRow<ImatrixChoice>[]> {
    const names = (await readdir(folder).catch(() => [])).filter((name) => ENDING.test(name));
    const own = `${stemOf(model)}.imatrix.`;
    const isOwn = (name: string) => name.toLowerCase().startsWith(own.toLowerCase());
    names.sort((a, b) => Number(isOwn(b)) - Number(isOwn(a)) || (a < b ? -1 : 1));
    return Promise.all(
        names.slice(0, MAX_FILES).map(async (name) => {
            const path = join(folder, name);
            return {
                label: `$(symbol-numeric) ${name}`,
                description: notes([isOwn(name) && "of this model", await describeFile(path)]),
                value: { kind: "file", path } as const,
            };
        }),
    );
}

/** `128 chunks of 40 of 340 code files of basket`; empty for what does not say it. */
async function describeFile(path: string): Promise<string> {
    try {
        const file = await readGgufFile(path);
        const texts = (arrayOf(file, "imatrix.datasets")?.values ?? []).map(String).map(fileName);
        const words = texts.join(", ");
        const shown =
            words.length > MAX_TEXT_CHARACTERS
                ? `${words.slice(0, MAX_TEXT_CHARACTERS)}...`
                : words;
        const nChunks = numberOf(file, "imatrix.chunk_count");
        return nChunks === undefined ? shown : `${nChunks} chunks of ${shown}`;
    } catch {
        return "";
    }
}
