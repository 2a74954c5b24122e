/** The kinds of context that need no name: problems, the last command of a terminal, the clipboard. As they are when asked. */

import { env, languages, window, type Diagnostic, type Uri } from "vscode";
import { pathForModel } from "../../completion/snapshot";
import { passageBlock } from "../context";
import { nothing, type Attachment } from "./attachment";
import type { TerminalLog } from "./terminalLog";

const MAX_PROBLEMS = 40;
const SEVERITY = ["error", "warning"];

export function problems(mayShow: (uri: Uri) => Promise<boolean>): Attachment {
    return {
        id: "problems",
        kind: "problems",
        label: "Problems",
        tooltip: "Errors and warnings, of the open file first",
        async resolve(maxCharacters) {
            const text = (await problemLines(mayShow)).join("\n");
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

async function problemLines(mayShow: (uri: Uri) => Promise<boolean>): Promise<string[]> {
    const open = window.activeTextEditor?.document.uri.toString();
    const files = languages.getDiagnostics();
    files.sort(([a], [b]) => Number(b.toString() === open) - Number(a.toString() === open));
    const lines: string[] = [];
    for (const [uri, found] of files) {
        const told = found.filter(({ severity }) => SEVERITY[severity] !== undefined);
        // What is said of a file quotes it.
        if (told.length === 0 || !(await mayShow(uri))) continue;
        lines.push(...told.map((one) => problemLine(uri, one)));
        if (lines.length >= MAX_PROBLEMS) break;
    }
    return lines.slice(0, MAX_PROBLEMS);
}

function problemLine(uri: Uri, { range, severity, message, source }: Diagnostic): string {
    const place = `${pathForModel(uri)}:${range.start.line + 1}`;
    const from = source === undefined ? "" : ` (${source})`;
    return `${place}: ${SEVERITY[severity]}: ${message.replace(/\s+/g, " ")}${from}`;
}
