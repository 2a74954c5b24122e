// The pieces of other files that the product would have at a hole in an editor: its own code, told what was edited, looked at and reported there.
// What language services find there is found here as by the command line (definitions, imports, files that lie beside).
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModules } from "../support/modules.mjs";

const GRAMMARS = new URL("../../node_modules/@vscode/tree-sitter-wasm/wasm", import.meta.url);
const MODULES = [
    "base/log",
    "cli/folderSource",
    "completion/gates",
    "context/outlines",
    "context/sourceText",
    "host/context/diagnostics",
    "host/context/editRing",
    "host/context/merge",
    "host/context/regions",
    "node/grammars",
    "syntax/syntax",
];

/** What of the product decides about pieces. */
export async function loadProduct() {
    const product = await loadModules(MODULES);
    const log = product.silentLog;
    const syntax = new product.TreeSyntax(new product.FileGrammars(fileURLToPath(GRAMMARS), log), {
        log,
        budgetMs: Infinity,
        now: () => performance.now(),
        later: setTimeout,
    });
    return { ...product, syntax, outlines: new product.Outlines(syntax) };
}

/**
 * Best first, `{ kind, path, text }`. `hole`: `{ path, languageId, before, after }`, its path one in `folder`; `edited`: regions of other files, newest first,
 * `{ uri, first, last }` with paths for URIs; `visited`: places in other files, the last first, in the same form; `said`: what a compiler says around it.
 */
export async function piecesAt(product, { folder, hole, edited = [], visited = [], said = "" }) {
    const { merged, editedText, visitedText, MAX_EDITS, MAX_VISITS, syntax, outlines } = product;
    const { path, languageId, before: prefix, after: suffix } = hole;
    const source = new product.FolderSource({ folderOf: () => folder, visited: () => [], syntax });
    await syntax?.prepare(languageId);
    const found = await source.gather({ uri: path, path, languageId, version: 1, prefix, suffix });
    const ofKind = (kind) => found.filter((piece) => piece.kind === kind);
    const texts = async (kind, regions, textOf) => {
        const pieces = regions.map(async ({ uri: path, ...range }) => {
            const lines = linesOf(product, folder, path);
            const text = lines && (await textOf({ path, lines }, range, outlines));
            return { kind, path, text: text ?? "" };
        });
        return (await Promise.all(pieces)).filter(({ text }) => text.trim() !== "");
    };
    // The order of src/host/context/gatherer.ts.
    const pieces = merged([
        ofKind("definition"),
        said === "" ? [] : [{ kind: "diagnostic", path, text: said }],
        ofKind("import"),
        await texts("edit", edited.slice(0, MAX_EDITS), editedText),
        await texts("visited", visited.slice(0, MAX_VISITS), visitedText),
        ofKind("related"),
    ]);
    return pieces.map(({ kind, path, text }) => ({ kind, path, text }));
}

/** Undefined: nothing of this file is ever shown. */
function linesOf({ isMadeByTools, isSecretFile, decodeSource }, folder, path) {
    const file = join(folder, path);
    // Not through links either.
    if (isMadeByTools(path) || isSecretFile(path) || !lstatSync(file).isFile()) return undefined;
    return decodeSource(readFileSync(file));
}
