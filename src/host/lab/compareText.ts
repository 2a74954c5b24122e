/** The text that models are measured on when the person names none: the workspace's own code, without what git or the settings leave out. */

import { stat } from "node:fs/promises";
import { workspace } from "vscode";
import { chooseText, type ChosenText, type TextCandidate } from "../../compare/texts";
import { grammarOf, languageOf } from "../../syntax/languages";
import { listFiles, type FileRules } from "../codebase/fileList";
import { MAX_SOURCE_BYTES } from "../../context/sourceText";

/** Undefined when the workspace has no code. Throws AppError `cancelled`. */
export async function workspaceCandidates(
    rules: FileRules,
    signal: AbortSignal,
): Promise<TextCandidate[]> {
    const { files } = await listFiles(rules, signal);
    const candidates: TextCandidate[] = [];
    for (const { path, name } of files) {
        if (grammarOf(languageOf(name)) === undefined) continue;
        const status = await stat(path).catch(() => undefined);
        if (!status?.isFile() || status.size === 0 || status.size > MAX_SOURCE_BYTES) continue;
        candidates.push({ path, name, bytes: status.size });
    }
    return candidates;
}

export function workspaceText(candidates: readonly TextCandidate[], bytes: number): ChosenText {
    const name = workspace.name ?? "this workspace";
    return chooseText(candidates, bytes, name);
}
