/** How progress looks on stderr. Results go to stdout and are not this file's. */

import type { ProgressStep, ProgressView } from "./context";

const WIDTH = 24;

export function terminalProgress(write: (text: string) => void): ProgressView {
    let open = false;
    return {
        show(step) {
            open = true;
            write(`\r\u001b[K${bar(step)}`);
        },
        end() {
            if (open) write("\n");
            open = false;
        },
    };
}

/** One JSON object a line, for scripts. */
export function jsonProgress(write: (text: string) => void): ProgressView {
    return {
        show: (step) => write(`${JSON.stringify(step)}\n`),
        end: () => undefined,
    };
}

export const noProgress: ProgressView = { show: () => undefined, end: () => undefined };

export function bar({ label, done, total, detail }: ProgressStep): string {
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const filled = Math.round(share * WIDTH);
    const percent = `${Math.floor(share * 100)}`.padStart(3);
    const blocks = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    return `${label} ${blocks} ${percent} %${detail ? `  ${detail}` : ""}`;
}

/** Text from a file or a model, made safe for a terminal: control characters could move the cursor or worse. */
export function printable(text: string): string {
    // eslint-disable-next-line no-control-regex -- control characters are what is replaced
    return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "?");
}

/** As `printable`, on one line: names and paths in a table or a sentence. */
export function oneLine(text: string): string {
    return printable(text).replace(/[\t\n]/g, "?");
}

/** Cells on one line each; columns padded to their widest cell; columns of numbers to the right, under their heading. */
export function table(
    rows: readonly (readonly string[])[],
    heading: readonly string[] | undefined = undefined,
): string {
    const all = [...(heading ? [heading] : []), ...rows].map((row) => row.map(oneLine));
    const widths: number[] = [];
    for (const row of all)
        row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
    const isNumeric = widths.map((_, i) => rows.every((row) => /^\d/.test(row[i] ?? "")));
    const pad = (cell: string, i: number) =>
        isNumeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
    return all.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}
