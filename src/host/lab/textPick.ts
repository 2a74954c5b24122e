/** Asks for the text that a model is measured on: the workspace's code, in one of three amounts, or files. */

import { stat } from "node:fs/promises";
import { window } from "vscode";
import { formatBytes } from "../../base/format";
import { bytesFor, type ChosenText } from "../../compare/texts";
import type { TextFile } from "../../protocol/lab";
import type { FileRules } from "../codebase/fileList";
import { withNotification } from "../models/notification";
import { pickOne, type PickRow } from "../models/pick";
import { fileName } from "../models/source";
import { workspaceCandidates, workspaceText } from "./compareText";

export interface TextChoice extends ChosenText {
    chunks: number;
}

export interface TextAmount {
    name: string;
    chunks: number;
    detail: string;
}

export interface TextQuestion {
    title: string;
    /** What comes of the workspace's code. */
    purpose: string;
    /** Three, the usual one in the middle. */
    amounts: readonly TextAmount[];
    /** As on a button. */
    verb: string;
}

/** Undefined when the person stopped. */
export type AskText = (question: TextQuestion) => Promise<TextChoice | undefined>;

/** Tokens of a chunk. */
export const CONTEXT_TOKENS = 512;
/** Of two chunks, the least that says anything, at the four bytes that a token of code may have: less is refused only when a type is made. */
const LEAST_BYTES = 2 * CONTEXT_TOKENS * 4;

export function usualChunks({ amounts }: Pick<TextQuestion, "amounts">): number {
    return amounts[Math.floor(amounts.length / 2)]?.chunks ?? 0;
}

/** The workspace's code of so many chunks, and how many files there are to take from. Files that no model may see are left out. */
export async function codeOfWorkspace(rules: FileRules) {
    const candidates = await withNotification("Looking for code to measure on", (signal) =>
        workspaceCandidates(rules, signal),
    );
    const take = (chunks: number) => workspaceText(candidates, bytesFor(chunks, CONTEXT_TOKENS));
    return { nCandidates: candidates.length, take };
}

export async function pickText(
    question: TextQuestion,
    { take, nCandidates }: Awaited<ReturnType<typeof codeOfWorkspace>>,
): Promise<TextChoice | undefined> {
    const usual = usualChunks(question);
    const amounts = question.amounts.map(
        ({ name, chunks, detail }): PickRow<TextChoice | "browse"> => {
            const text = take(chunks);
            return {
                label: `${name}: ${chunks} chunks of ${CONTEXT_TOKENS} tokens`,
                description: `${text.label}, ${formatBytes(text.bytes)}`,
                detail,
                value: { ...text, chunks },
            };
        },
    );
    const isEnough = take(usual).bytes >= LEAST_BYTES;
    const lack = nCandidates > 0 ? "too little code" : "no code";
    const picked = await pickOne<TextChoice | "browse">({
        title: question.title,
        placeholder: isEnough
            ? `${question.purpose}; ignored files are left out`
            : `This workspace has ${lack} to measure on; choose text files`,
        rows: [
            ...(isEnough ? [{ separator: "The code of this workspace" }, ...amounts] : []),
            { separator: "Other text" },
            { label: "$(folder-opened) Browse for Text Files...", value: "browse" },
        ],
    });
    if (picked !== "browse") return picked;
    const files = await window.showOpenDialog({
        title: "Text to Measure On",
        openLabel: question.verb,
        canSelectMany: true,
    });
    const paths = files?.map(({ fsPath }) => fsPath);
    return paths && textOf(paths, usual);
}

/** Files that the person named. */
export async function textOf(files: readonly string[], chunks: number): Promise<TextChoice> {
    const sizes = await Promise.all(
        files.map(async (file) => (await stat(file).catch(() => undefined))?.size ?? 0),
    );
    const label = files.length === 1 ? fileName(files[0] ?? "") : `${files.length} files`;
    return { files: [...files], bytes: sizes.reduce((sum, one) => sum + one, 0), label, chunks };
}

/** As a worker takes it. What it makes says the label and no names of the person's files. */
export function asTexts({ files, label, chunks }: TextChoice): {
    texts: TextFile[];
    datasets: string[];
    chunks: number;
} {
    const texts = files.map((path) => ({ path, name: fileName(path) }));
    return { texts, datasets: [label], chunks };
}
