// Runs in the extension host of recordTyping.mjs: writes down every change, cursor move and switch of editors of the workspace's files until a
// stop file is there, as a trace of typing (`typing-trace/1`). It sees what VS Code tells every extension, and nothing of Ingot.
const { existsSync, renameSync, writeFileSync } = require("node:fs");
const vscode = require("vscode");

const LOOK_MS = 200;

exports.run = async () => {
    const file = process.env.INGOT_TRACE ?? "";
    const started = Date.now();
    const files = new Map();
    const events = [];
    let active = "";

    const pathOf = ({ uri }) => vscode.workspace.asRelativePath(uri, false);
    const isOurs = ({ uri }) => uri.scheme === "file" || uri.scheme === "vscode-remote";
    const add = (event) => events.push({ t: Date.now() - started, ...event });
    const keep = (document) => {
        const path = pathOf(document);
        if (!files.has(path))
            files.set(path, { path, languageId: document.languageId, text: document.getText() });
        return path;
    };
    const open = (editor) => {
        if (!editor || !isOurs(editor.document)) return;
        active = keep(editor.document);
        add({
            type: "open",
            path: active,
            cursor: editor.document.offsetAt(editor.selection.active),
        });
    };

    open(vscode.window.activeTextEditor);
    vscode.window.onDidChangeActiveTextEditor(open);
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (!isOurs(document) || contentChanges.length === 0 || !files.has(pathOf(document)))
            return;
        const edits = contentChanges
            .map(({ rangeOffset, rangeLength, text }) => ({
                start: rangeOffset,
                end: rangeOffset + rangeLength,
                text,
            }))
            .sort((a, b) => a.start - b.start);
        const last = edits.at(-1);
        const before = edits
            .slice(0, -1)
            .reduce((sum, { start, end, text }) => sum + text.length - (end - start), 0);
        // The cursor's own event, which follows, says it better.
        const cursor = before + last.start + last.text.length;
        add({ type: "change", path: pathOf(document), edits, cursor, cause: causeOf(edits) });
    });
    vscode.window.onDidChangeTextEditorSelection(({ textEditor: { document }, selections }) => {
        if (!isOurs(document) || pathOf(document) !== active) return;
        const cursor = document.offsetAt(selections[0].active);
        const last = events.at(-1);
        if (last?.path === active && last.cursor === cursor) return;
        if (last?.type === "change" && Date.now() - started - last.t < 5) last.cursor = cursor;
        else add({ type: "cursor", path: active, cursor });
    });

    while (!existsSync(`${file}.stop`))
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const now = new Map(
        vscode.workspace.textDocuments.map((document) => [pathOf(document), document.getText()]),
    );
    const written = { files: [...files.values()], events, final: Object.fromEntries(now) };
    writeFileSync(`${file}.part`, JSON.stringify(written));
    renameSync(`${file}.part`, file);
};

function causeOf(edits) {
    const [{ start, end, text }] = edits;
    if (edits.length > 1) return "paste";
    if (text === "") return "backspace";
    if (/^\r?\n\s*$/.test(text)) return "enter";
    if (text.length === 1) return end > start ? "overtype" : "type";
    return "paste";
}
