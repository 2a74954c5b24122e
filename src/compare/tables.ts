/** A comparison as text: Markdown for people, CSV for other programs, aligned columns for a terminal. Pure. */

import { escapeMarkdown } from "../base/escape";
import { MEASURES, type Comparison, type CompareRow } from "../protocol/compare";
import { COLUMNS, columnsOf, methodOf, NONE, reasonsOf, type Column } from "./columns";

/** Cells of a row; a figure that is still to come is empty. */
export function cellOf(row: CompareRow, column: Column): string {
    const isOpen = row.state !== "done" && row.state !== "failed";
    const text = column.text(row);
    return text === NONE && isOpen ? "" : text;
}

/** `advice`: sentences above the table. */
export function markdownOf(comparison: Comparison, advice: readonly string[] = []): string {
    const columns = columnsOf(comparison);
    const head = columns.map(({ title, unit }) => (unit === "" ? title : `${title} (${unit})`));
    const rule = columns.map(({ id }) => (id === "type" ? "---" : "---:"));
    const rows = comparison.rows.map((row) =>
        columns.map((column) => {
            const cell = cellOf(row, column);
            return column.id === "type" && row.isReference ? `${cell} (reference)` : cell;
        }),
    );
    return [
        `# ${escapeMarkdown(comparison.model)}: quantizations compared`,
        "",
        ...advice.flatMap((sentence) => [sentence, ""]),
        ...[head, rule, ...rows].map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`),
        "",
        ...methodOf(comparison).map((sentence) => `- ${sentence}`),
        ...reasonsOf(comparison).map((sentence) => `- ${sentence}`),
        "",
    ].join("\n");
}

const CSV_FIELDS = [
    "file",
    "type",
    "bytes",
    "bitsPerWeight",
    "isReference",
    ...MEASURES,
] as const satisfies readonly (keyof CompareRow)[];

/** Whole numbers and fractions as they were measured; what there is not is empty. */
export function csvOf({ rows }: Comparison): string {
    const lines = rows.map((row) => CSV_FIELDS.map((field) => quote(String(row[field] ?? ""))));
    return [CSV_FIELDS, ...lines].map((cells) => `${cells.join(",")}\r\n`).join("");
}

/** Heading and rows for a terminal: the reference is told by its own words. */
export function plainTable(comparison: Comparison): { heading: string[]; rows: string[][] } {
    const columns = columnsOf(comparison);
    return {
        heading: columns.map(({ title }) => title),
        rows: comparison.rows.map((row) => columns.map((column) => cellOf(row, column))),
    };
}

/** As it is kept: `ingot publish --table` reads it, and it is opened again. */
export function jsonOf(comparison: Comparison): string {
    return `${JSON.stringify(comparison, undefined, 2)}\n`;
}

/** How many columns a whole row has, for the page. */
export const N_COLUMNS = COLUMNS.length;

function escapeCell(text: string): string {
    return text.replace(/\|/g, "\\|");
}

/** A leading `=`, `+`, `-` or `@` would be a formula to a spreadsheet; figures begin with digits. */
function quote(text: string): string {
    const safe = /^[=+@]|^-(?!\d)/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}
