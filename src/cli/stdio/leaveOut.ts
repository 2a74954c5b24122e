/**
 * For measurements: the product without one of its parts, to tell what that part brings. Parts of the prompt and of the token loop are
 * settings of their own (`layout`, `healing`, `gating`, `drafts`, `debounceMs`, `savePrompts`).
 */

import type { EnginePort } from "../../completion/request";
import { FILTER_NAMES } from "../../prompt/filters";
import { usage } from "../args";

/**
 * `anticipation`: work begins at the change, before the editor asks; `type-through`: what is known of earlier answers; `early-words`: what
 * is finished is shown while the rest is written; `reading-on`: what comes after the suggestion on the screen; `reading-ahead`: prompts read
 * while nobody waits; `abort`: calls that nobody wants end; `several-files`: every document keeps its own cache; `context`: pieces of other
 * files; `syntax`: what grammars say; `filter:NAME`: a rule of src/prompt/filters.ts.
 */
const PARTS = [
    "anticipation",
    "type-through",
    "early-words",
    "reading-on",
    "reading-ahead",
    "abort",
    "several-files",
    "context",
    ...FILTER_NAMES.map((name) => `filter:${name}` as const),
    "syntax",
] as const;
export type Part = (typeof PARTS)[number];

/** The filters among the parts. */
export function filtersOf(without: ReadonlySet<Part>): string[] {
    return FILTER_NAMES.filter((name) => without.has(`filter:${name}`));
}

/** Throws a usage error for what is no part's name: a measurement of nothing would look like one. */
export function readParts(given: unknown): ReadonlySet<Part> {
    const names = Array.isArray(given) ? given.map(String) : [];
    const unknown = names.find((name) => !PARTS.some((part) => part === name));
    if (unknown !== undefined)
        throw usage(`without: there is no part ${unknown}; there are ${PARTS.join(", ")}`);
    return new Set(PARTS.filter((part) => names.includes(part)));
}

/** The engine without the parts that concern it. */
export function withoutParts(engine: EnginePort, without: ReadonlySet<Part>): EnginePort {
    const documentOf = (uri: string) => (without.has("several-files") ? "the only one" : uri);
    const signalOf = (signal: AbortSignal) =>
        without.has("abort") ? new AbortController().signal : signal;
    return {
        complete: (request, signal, onText) =>
            without.has("reading-on") && request.lane === "ahead"
                ? Promise.resolve({ kind: "none", reason: "cancelled", stage: "gate" })
                : engine.complete(
                      { ...request, document: documentOf(request.document) },
                      signalOf(signal),
                      onText,
                  ),
        prefill: (request, signal) =>
            without.has("reading-ahead")
                ? Promise.resolve(undefined)
                : engine.prefill(
                      { ...request, document: documentOf(request.document) },
                      signalOf(signal),
                  ),
    };
}
