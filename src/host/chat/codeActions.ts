/** What can be done with an answer beside inserting its code: a new file, a command in a terminal, the places that it rests on. */

import { languages, Range, Uri, window, workspace } from "vscode";
import { AppError } from "../../base/errors";
import type { ContextBlock } from "./context";
import { commandsOf } from "./terminalCommands";

/** Names that answers use for languages, where VS Code has another one. */
const LANGUAGE: Readonly<Record<string, string>> = {
    ts: "typescript",
    js: "javascript",
    tsx: "typescriptreact",
    jsx: "javascriptreact",
    py: "python",
    rs: "rust",
    rb: "ruby",
    sh: "shellscript",
    bash: "shellscript",
    shell: "shellscript",
    "c++": "cpp",
    "c#": "csharp",
    yml: "yaml",
    md: "markdown",
    kt: "kotlin",
};

/** Opens the code as an untitled document. */
export async function openAsFile(content: string, language: string): Promise<void> {
    const wanted = LANGUAGE[language] ?? language;
    const known = (await languages.getLanguages()).includes(wanted);
    const document = await workspace.openTextDocument({
        content,
        language: known ? wanted : "plaintext",
    });
    await window.showTextDocument(document);
}

/** Shows lines of a file; the file may have changed since. Throws AppError when it is gone. */
export async function openPlace(place: ContextBlock["place"]): Promise<void> {
    if (!place) return;
    const uri = Uri.parse(place.uri, true);
    const document = await workspace.openTextDocument(uri).then(undefined, () => undefined);
    if (!document)
        throw new AppError(
            "user/usage",
            `${uri.path.split("/").at(-1)} is no longer there; ask again with #codebase`,
        );
    const selection = document.validateRange(new Range(place.first, 0, place.last, Infinity));
    await window.showTextDocument(document, { selection, preview: true });
}

/** Types a command into the terminal; Enter is the person's. Of several, one is chosen. Throws AppError when there is none. */
export async function putIntoTerminal(code: string): Promise<void> {
    const found = commandsOf(code);
    if (!found)
        throw new AppError(
            "user/usage",
            "This is more than one line for the shell; copy it and paste it where you want it",
        );
    const [first] = found;
    if (first === undefined)
        throw new AppError("user/usage", "There is no command in this code block");
    const command = found.length === 1 ? first : await pick(found);
    if (command === undefined) return;
    const terminal = window.activeTerminal ?? window.createTerminal();
    terminal.show();
    terminal.sendText(command, false);
}

function pick(commands: readonly string[]): Thenable<string | undefined> {
    return window.showQuickPick([...commands], {
        title: "Put Into the Terminal",
        placeHolder: "One command; it runs when you press Enter in the terminal",
    });
}
