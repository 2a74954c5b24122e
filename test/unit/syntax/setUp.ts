// Real grammars for the tests of this folder, parsed without a limit of time.
import { resolve } from "node:path";
import { silentLog } from "../../../src/base/log";
import { FileGrammars } from "../../../src/node/grammars";
import { TreeSyntax, type SyntaxPlace } from "../../../src/syntax/syntax";
import { marked } from "../prompt/marked";

export const GRAMMAR_FOLDER = resolve("node_modules", "@vscode", "tree-sitter-wasm", "wasm");
export const grammars = new FileGrammars(GRAMMAR_FOLDER, silentLog);
export const NO_LIMIT = { budgetMs: Infinity, now: () => 0, later: () => undefined };

/** Ready for these languages. */
export async function syntaxFor(...languageIds: string[]): Promise<TreeSyntax> {
    const syntax = new TreeSyntax(grammars, { ...NO_LIMIT, log: silentLog });
    for (const id of languageIds)
        if (!(await syntax.prepare(id))) throw new Error(`no grammar for ${id}`);
    return syntax;
}

/** A place in `text`, where `|` stands for the cursor. */
export function place(languageId: string, text: string): SyntaxPlace {
    return { uri: `file:///a.${languageId}`, languageId, ...marked(text) };
}
