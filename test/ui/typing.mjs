// Typing until the model offers something. The starter model has no opinion at some places and a better one will replace it,
// so a test tries several beginnings and goes on with the first that brings ghost text.

/** First line of a new file each; a person would expect a continuation after any of them. */
const BEGINNINGS = [
    "export function add(a: number, b: number): number {\n    return ",
    "export class Queue {\n    private items: string[] = [];\n\n    get size(): number {\n        return this.",
    'import { readFile } from "node:fs/promises";\n\nconst text = await readFile(',
    "for (let i = 0; i < ",
    "const names = items.map((item) => ",
    "export interface Options {\n    ",
    "if (value === undefined) ",
];

/** From nothing: the engine starts, probes the machine and loads the model. */
const FIRST_LIMIT_MS = 45_000;
const NEXT_LIMIT_MS = 6_000;

/**
 * Types into the active, empty editor.
 * @param {import("./workbench.mjs").Workbench} workbench
 * @param {(firstLine: string) => boolean} [accept] Which ghost text will do, by its first line.
 * @returns {Promise<{ typed: string, ghost: string }>} All text of the editor and the ghost text after it.
 */
export async function typeUntilGhost(workbench, accept = () => true) {
    let typed = "";
    let limitMs = FIRST_LIMIT_MS;
    for (const beginning of BEGINNINGS) {
        const text = (typed === "" ? "" : "\n\n") + beginning;
        await workbench.type(text);
        typed += text;
        const ghost = await workbench.waitForGhostText(limitMs);
        if (ghost !== "" && accept(ghost.split("\n")[0] ?? "")) return { typed, ghost };
        limitMs = NEXT_LIMIT_MS;
    }
    throw new Error(`no usable ghost text after any of ${BEGINNINGS.length} beginnings`);
}

/** Python: VS Code has no language service for it, so the list holds the words of the file and nothing else, at once. */
const LISTED = [
    { text: "names = load()\nfor one in nam", start: "nam", item: "names" },
    {
        text: "def add(first_number, second):\n    return first_n",
        start: "first_n",
        item: "first_number",
    },
    { text: "records = []\nprint(len(reco", start: "reco", item: "records" },
];

/**
 * Types into the active, empty Python editor until there is ghost text of several lines beside the suggestion list.
 * @param {import("./workbench.mjs").Workbench} workbench
 * @returns {Promise<{ start: string, item: string, ghost: string }>} The chosen item, as much of it as is typed, what is shown after that.
 */
export async function typeUntilListed(workbench) {
    let limitMs = FIRST_LIMIT_MS;
    for (const { text, start, item } of LISTED) {
        await workbench.type(`\n\n${text}`);
        await workbench.press("Control+Space");
        await workbench.suggestList.filter({ hasText: item }).waitFor();
        const ghost = await workbench.waitForGhostText(limitMs);
        if (ghost.includes("\n")) return { start, item, ghost };
        await workbench.press("Escape");
        limitMs = NEXT_LIMIT_MS;
    }
    throw new Error(`no ghost text beside the list after any of ${LISTED.length} beginnings`);
}

/** White space differs between the screen and the file. @param {string} text */
export function squeezed(text) {
    return text.replace(/\s+/g, "");
}
