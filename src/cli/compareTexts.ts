/** The code of a folder as a text to measure on, when none is named: by the same rules for ignored and secret files as completions. */

import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { throwIfAborted } from "../base/cancel";
import { AppError } from "../base/errors";
import { chooseText, type ChosenText, type TextCandidate } from "../compare/texts";
import { grammarOf, languageOf } from "../syntax/languages";
import { FolderFiles } from "./folderFiles";

const NEVER = new Set(["node_modules", ".git"]);
const MAX_FILES = 20_000;

/** Throws AppError `user/usage` when the folder has no code. */
export async function folderText(
    folder: string,
    wantedBytes: number,
    signal: AbortSignal,
): Promise<ChosenText> {
    const files = new FolderFiles(folder);
    const candidates: TextCandidate[] = [];
    const waiting = [""];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
        const entries = await readdir(join(folder, at), { withFileTypes: true }).catch(() => []);
        for (const entry of entries) {
            throwIfAborted(signal);
            const name = at === "" ? entry.name : `${at}/${entry.name}`;
            if (entry.isDirectory()) {
                if (!NEVER.has(entry.name) && (await files.mayEnter(name))) waiting.push(name);
            } else if (entry.isFile() && grammarOf(languageOf(name)) !== undefined) {
                // Reads it: what is no text, too large or not to be shown is told so.
                if ((await files.read(name)) === undefined) continue;
                const path = join(folder, name);
                candidates.push({ path, name, bytes: (await stat(path)).size });
            }
        }
        if (candidates.length > MAX_FILES) break;
    }
    if (candidates.length === 0)
        throw new AppError(
            "user/usage",
            `There is no code in ${folder} to measure on; name a text with --text`,
        );
    return chooseText(candidates, wantedBytes, basename(folder) || folder);
}
