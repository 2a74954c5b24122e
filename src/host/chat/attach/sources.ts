/** The kinds of context that need no name: problems, the last command of a terminal, changes, the clipboard. As they are when asked. */

import { env, extensions, languages, window, type Diagnostic, type Uri } from "vscode";
import { pathForModel } from "../../completion/snapshot";
import { passageBlock } from "../context";
import { nothing, type Attachment } from "./attachment";
import type { TerminalLog } from "./terminalLog";

const MAX_PROBLEMS = 40;
const SEVERITY = ["error", "warning"];

export function problems(): Attachment {
    return {
        id: "problems",
        kind: "problems",
        label: "Problems",
        tooltip: "Errors and warnings, of the open file first",
        async resolve(maxCharacters) {
            const text = problemLines().join("\n");
            if (text === "") throw nothing("There are no errors or warnings to send along");
            const title = "Problems found by the editor";
            const passage = { label: "problems", title, text, keep: "beginning" as const };
            return passageBlock(passage, maxCharacters);
        },
    };
}

export function terminal(log: TerminalLog): Attachment {
    return {
        id: "terminal",
        kind: "terminal",
        label: "Terminal",
        tooltip: "The last command of the terminal and its output",
        async resolve(maxCharacters) {
            const run = log.last;
            if (!run)
                throw nothing(
                    "No command of a terminal is known; run it again (the shell needs VS Code's shell integration)",
                );
            const code = run.exitCode === undefined ? "" : `, exit code ${run.exitCode}`;
            const title = `Output of \`${run.command.replace(/\s+/g, " ")}\` in a terminal${code}`;
            const text = run.output === "" ? "(no output)" : run.output;
            return passageBlock({ label: "terminal", title, text, keep: "end" }, maxCharacters);
        },
    };
}

export function changes(): Attachment {
    return {
        id: "changes",
        kind: "changes",
        label: "Changes",
        tooltip: "What is changed since the last commit",
        async resolve(maxCharacters) {
            const text = await diff();
            const passage = { label: "changes", title: "Changes since the last commit", text };
            return passageBlock(
                { ...passage, languageId: "diff", keep: "beginning" },
                maxCharacters,
            );
        },
    };
}

export function clipboard(): Attachment {
    return {
        id: "clipboard",
        kind: "clipboard",
        label: "Clipboard",
        tooltip: "The text in the clipboard",
        async resolve(maxCharacters) {
            const text = await env.clipboard.readText();
            if (text.trim() === "") throw nothing("There is no text in the clipboard");
            const passage = { label: "clipboard", title: "Copied text", text };
            return passageBlock({ ...passage, keep: "beginning" }, maxCharacters);
        },
    };
}

function problemLines(): string[] {
    const open = window.activeTextEditor?.document.uri.toString();
    const files = languages.getDiagnostics();
    files.sort(([a], [b]) => Number(b.toString() === open) - Number(a.toString() === open));
    return files
        .flatMap(([uri, found]) => found.map((one) => ({ uri, one })))
        .filter(({ one }) => SEVERITY[one.severity] !== undefined)
        .slice(0, MAX_PROBLEMS)
        .map(({ uri, one }) => problemLine(uri, one));
}

function problemLine(uri: Uri, { range, severity, message, source }: Diagnostic): string {
    const place = `${pathForModel(uri)}:${range.start.line + 1}`;
    const from = source === undefined ? "" : ` (${source})`;
    return `${place}: ${SEVERITY[severity]}: ${message.replace(/\s+/g, " ")}${from}`;
}

/** The part of VS Code's git extension that is used here. */
interface Repository {
    rootUri: Uri;
    diff(cached?: boolean): Promise<string>;
}
interface GitExtension {
    getAPI(version: 1): { repositories: Repository[] };
}

async function diff(): Promise<string> {
    const extension = extensions.getExtension<GitExtension>("vscode.git");
    const repositories = (await extension?.activate())?.getAPI(1).repositories ?? [];
    const open = window.activeTextEditor?.document.uri.path;
    const here = repositories.find(({ rootUri }) => open?.startsWith(`${rootUri.path}/`));
    const repository = here ?? repositories[0];
    if (!repository) throw nothing("There is no git repository in this workspace");
    const parts = [await repository.diff(true), await repository.diff(false)];
    const text = parts.filter((part) => part.trim() !== "").join("\n");
    if (text === "") throw nothing("Nothing is changed since the last commit");
    return text;
}
