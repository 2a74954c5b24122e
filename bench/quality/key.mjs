// Names for remembered answers. Pure.
import { createHash } from "node:crypto";

/** The same for equal values, whatever the order of their properties; 32 hexadecimal digits. */
export function keyOf(value) {
    return createHash("sha256")
        .update(JSON.stringify(sorted(value)))
        .digest("hex")
        .slice(0, 32);
}

/** A list in an order of its own for each seed, which others do not change that come or go; each with a number, as a seed for what is done with it. */
export function inKeyOrder(list, seed) {
    return list
        .map((one) => ({ one, key: keyOf([seed, one]) }))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map(({ one, key }) => ({ one, number: parseInt(key.slice(0, 8), 16) | 0 }));
}

/** A file of `{ key, answer }` lines as a map; the line that was being written when a run was stopped is left out. */
export function readAnswers(text) {
    const answers = new Map();
    for (const line of text.split("\n")) {
        try {
            const { key, answer } = JSON.parse(line);
            answers.set(key, answer);
        } catch {
            // Cut short: it is asked again.
        }
    }
    return answers;
}

function sorted(value) {
    if (Array.isArray(value)) return value.map(sorted);
    if (value === null || typeof value !== "object") return value;
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(
        entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]),
    );
}
