/** The lines that a bench sends, its settings, and the counts it gets back. */

import type { CompletionSettings } from "../../completion/request";
import type { PromptChoice, Snippet, SnippetKind } from "../../protocol/completion";
import type { TokenCounts } from "../../protocol/generation";
import { filtersOf, readParts, type Part } from "./leaveOut";

export interface Edit {
    start: number;
    end: number;
    text: string;
}

/** Unknown types and fields are ignored. */
export type Input = { t?: number } & (
    | { type: "start"; model?: string; settings?: Record<string, unknown>; clock?: string }
    | { type: "set"; settings: Record<string, unknown> }
    | ({ type: "open"; path: string; languageId: string; text: string; cursor?: number } & Shown)
    | { type: "change"; path: string; edits: Edit[]; cursor?: number; version?: number }
    | { type: "cursor"; path: string; cursor: number }
    | { type: "request"; id: number; path: string; offset: number; trigger: string }
    | { type: "cancel"; id: number }
    | { type: "sync"; id: number }
    /** All documents are closed, and what was known of them is forgotten. */
    | { type: "close" }
    | { type: "stop" }
);

/** What else is told of a document when it is opened. */
export interface Shown {
    /** The path that the model is shown, where it is not the one that tells documents apart. */
    name?: string;
    /** Absolute: the project's, in which the name is a path; pieces of its other files may be shown. */
    folder?: string;
    repository?: string;
}

export interface OpenDocument extends Shown {
    languageId: string;
    text: string;
    version: number;
}

/** Edits are ascending and do not overlap; offsets are those of the text before. */
export function applyEdits(before: string, edits: readonly Edit[]): string {
    let text = "";
    let at = 0;
    for (const edit of edits) {
        text += before.slice(at, edit.start) + edit.text;
        at = edit.end;
    }
    return text + before.slice(at);
}

export function positionAt(text: string, offset: number): { line: number; character: number } {
    const lines = text.slice(0, offset).split("\n");
    return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

export interface BenchSettings {
    settings: CompletionSettings;
    prompt: PromptChoice;
    contextTokens: number;
    threads: number | undefined;
    /** At `stop`, as if the editor had been idle for a while. */
    savesPrompts: boolean;
    without: ReadonlySet<Part>;
    /** A chat is answered beside. */
    chats: boolean;
    /** Results come with all that the inspector knows of them. */
    inspects: boolean;
    /** Pieces of other files, in place of what is found: the same everywhere until the next settings; undefined: none are given. */
    snippets: readonly Snippet[] | undefined;
    /** Kinds of pieces of other files that may be shown; undefined: all. */
    kinds: readonly SnippetKind[] | undefined;
}

/** Of the wrong type counts as not given. Throws as readParts. */
export function readSettings(given: Readonly<Record<string, unknown>>): BenchSettings {
    const number = (name: string) => (typeof given[name] === "number" ? given[name] : undefined);
    const flag = (name: string) => (typeof given[name] === "boolean" ? given[name] : undefined);
    const without = readParts(given["without"]);
    return {
        settings: {
            enabled: flag("enabled") ?? true,
            snoozed: flag("snoozed") ?? false,
            onDemand: given["onDemand"] === "quiet" ? "quiet" : undefined,
            languages: switchesOf(given["languages"]),
            maxLines: number("maxLines") ?? 10,
            maxTokens: number("maxTokens") ?? 128,
            debounceMs: number("debounceMs") ?? 0,
        },
        prompt: {
            layout: layoutOf(given["layout"]),
            healing: flag("healing"),
            gating: flag("gating"),
            minProbability: number("minProbability"),
            drafts: flag("drafts"),
            maxPrefixTokens: number("maxPrefixTokens"),
            withoutFilters: filtersOf(without),
            maxPieceTokens: number("maxPieceTokens"),
            path: flag("path"),
        },
        contextTokens: number("contextTokens") ?? 4096,
        threads: number("threads") || undefined,
        savesPrompts: flag("savePrompts") ?? false,
        without,
        chats: flag("chats") ?? false,
        inspects: flag("inspect") ?? false,
        snippets: Array.isArray(given["snippets"])
            ? given["snippets"].filter(isSnippet)
            : undefined,
        kinds: Array.isArray(given["kinds"]) ? (given["kinds"] as SnippetKind[]) : undefined,
    };
}

function isSnippet(value: unknown): value is Snippet {
    const { kind, path, text } = (value ?? {}) as Partial<Record<keyof Snippet, unknown>>;
    return [kind, path, text].every((field) => typeof field === "string");
}

function switchesOf(value: unknown): Record<string, boolean> {
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(
        Object.entries(value).filter(
            (entry): entry is [string, boolean] => typeof entry[1] === "boolean",
        ),
    );
}

/** The bench's words; anything else is the engine's choice. */
function layoutOf(name: unknown): PromptChoice["layout"] {
    if (name === "documented") return "psm";
    return name === "append" ? "append" : undefined;
}

export function counts(tokens: TokenCounts | undefined): object {
    return {
        promptTokens: tokens?.prompt ?? 0,
        reusedTokens: tokens?.reused ?? 0,
        generatedTokens: tokens?.generated ?? 0,
        ...(tokens?.drafted ? { drafted: tokens.drafted, acceptedDraft: tokens.accepted } : {}),
    };
}
