/**
 * Completions: what is asked of the engine at a place in a document, what it may answer or why it stays silent, and how an answer came about.
 */

import type { StopReason, Timings, TokenCounts } from "./generation";

export interface CompletionRequest {
    /** Identifies the document; never shown to the model. */
    document: string;
    /** Path shown to the model, relative to its workspace folder, `/` separated. */
    path: string;
    languageId: string;
    repository?: string | undefined;
    /** Text before the cursor, from the start of the document or a window of it. */
    prefix: string;
    /** Text after the cursor. */
    suffix: string;
    /** Best first; the engine takes what it has read, and reads more when there is time. */
    snippets?: readonly Snippet[] | undefined;
    /** Most lines to suggest; 1 = single line only. */
    maxLines: number;
    maxTokens: number;
    trigger: "automatic" | "explicit";
    /** `ahead`: nobody waits for it yet; it runs when no keystroke does. */
    lane: CompletionLane;
    /** What the grammar says about the place; undefined: nothing, and indentation has to do. */
    syntax?: SyntaxRule | undefined;
    /** For measurements: another prompt than the engine would choose. */
    prompt?: PromptChoice | undefined;
}

export interface SyntaxRule {
    /** What the cursor is in; `after-statement`: right behind one that is complete. */
    at: "code" | "string" | "comment" | "after-statement";
    /** How many lines are wanted; undefined: whatever fits by indentation. */
    lines?: "one" | "several" | undefined;
}

export type CompletionLane = "keystroke" | "ahead";

/** Why a piece of another file is shown to the model. */
export type SnippetKind =
    "definition" | "import" | "edit" | "visited" | "related" | "clipboard" | "diagnostic";

/** A piece of another file, or of another place in this one. */
export interface Snippet {
    kind: SnippetKind;
    /** Relative to its workspace folder, `/` separated; what the model is shown as the file's name. */
    path: string;
    text: string;
    /**
     * URI of the file that the text is of, never shown to the model; left out: it is the document's own, or of no file. A prompt with a
     * piece of an unnamed file is never saved, because nobody could tell whether it may still be shown.
     */
    file?: string | undefined;
    /** Names of symbols that the text defines, when known. */
    symbols?: readonly string[] | undefined;
}

export interface PromptChoice {
    layout?: FimLayoutName | undefined;
    /** false: the prompt ends where the cursor is, also inside a token. */
    healing?: boolean | undefined;
    /** Instead of what the measured speed allows; the suffix gets a quarter of it. */
    maxPrefixTokens?: number | undefined;
    /** Instead of what the measured speed allows for pieces of other files. */
    maxPieceTokens?: number | undefined;
    /** true: the document's own path is named, also where no piece of another file is shown. */
    path?: boolean | undefined;
    /** false: one token at a time. */
    drafts?: boolean | undefined;
    /** false: the model's guesses are part of the answer. */
    gating?: boolean | undefined;
    /** A token less likely than this is a guess, 0 to 1. */
    minProbability?: number | undefined;
    /** Names of filters that are left out. */
    withoutFilters?: readonly string[] | undefined;
}

/** `append`: prefix last, so that typing only appends. `psm`: the order the family documents. */
export type FimLayoutName = "append" | "psm";

/**
 * A place in a document where a completion may soon be asked for. `idle`: there is time to read more. `short`: nobody is typing, so
 * that windows may move and grow; `long`: for a while already; `typing`: between keystrokes, only what first windows are too small for.
 */
export type PrefillRequest = { idle?: "typing" | "short" | "long" | undefined } & Pick<
    CompletionRequest,
    | "document"
    | "path"
    | "languageId"
    | "repository"
    | "prefix"
    | "suffix"
    | "snippets"
    | "maxTokens"
    | "prompt"
>;

export interface PrefillResult {
    tokens: TokenCounts;
    timings: Timings;
    /** The prompt is not wholly in the cache: something more urgent came, or the signal. */
    aborted: boolean;
}

/** What is kept of a document's prompt. */
export interface KeptPrompt {
    document: string;
    /** Empty when it is not known. */
    languageId: string;
    /** URIs of the other files that it shows pieces of. */
    files: string[];
}

export type NoSuggestionReason =
    | "disabled"
    | "language-off"
    | "snoozed"
    | "secret-file"
    /** A setting names the file. */
    | "excluded"
    | "no-model"
    | "model-cannot-fill"
    | "model-failed"
    | "engine-gone"
    | "superseded"
    | "cancelled"
    | "document-too-large"
    | "mid-word"
    | "mid-comment"
    /** The statement before the cursor is complete; the next line is suggested after Enter. */
    | "statement-end"
    /** Dismissed, or read and typed past, at this place before. */
    | "rejected"
    /** Suggestions come only when they are asked for: by a setting, or because the battery is in use. */
    | "quiet"
    | "on-battery"
    | "empty-answer"
    | "only-repeats-suffix"
    | "repetition"
    | "control-tokens"
    | "fence"
    | "secret"
    | "licence"
    | "comment"
    /** The code would have been more broken with it than without. */
    | "breaks-syntax"
    /** The model would only have guessed. */
    | "unsure";

/** Rules that take something off an answer (src/prompt/filters.ts). */
export type FilterName =
    | "control-tokens"
    | "fence"
    | "secret"
    | "licence"
    | "repetition"
    | "comment"
    | "blank-line"
    | "rest-of-line"
    | "following-lines"
    | "closers";

export type Stage = "gate" | "debounce" | "cache" | "load" | "prompt" | "generate" | "filter";

export type CompletionOutcome =
    | {
          kind: "suggestion";
          /** Inserted at the cursor. */
          text: string;
          source: "cache" | "model";
          tokens: TokenCounts;
          timings: Timings;
          /** Geometric mean probability of the tokens, 0..1; 1 from the cache. */
          confidence: number;
          stop: StopReason;
          /** The rule that has cut the answer short; left out: none. */
          filter?: FilterName | undefined;
          inspection?: Inspection | undefined;
      }
    | {
          kind: "none";
          reason: NoSuggestionReason;
          stage: Stage;
          /** A sentence for the inspector, when the reason alone does not say enough. */
          detail?: string | undefined;
          /** The rule that has taken all of the answer; left out: none. */
          filter?: FilterName | undefined;
          tokens?: TokenCounts | undefined;
          timings?: Timings | undefined;
          inspection?: Inspection | undefined;
      };

/** Another suggestion than the one on the screen. */
export interface Alternative {
    text: string;
    /** Geometric mean probability of its tokens, 0..1. */
    confidence: number;
}

/** How an answer of the model came about, for the inspector. It is document text: never in a log or a report. */
export interface Inspection {
    /** Display name, and what tells its file from others. */
    model: string;
    fingerprint: string;
    layout: FimLayoutName;
    /** The prompt, in the model's order. */
    parts: PromptPart[];
    /** Those of other files that are part of it, in order. */
    pieces: PromptPiece[];
    /** Most tokens that the windows of the document could have. */
    maxPrefixTokens: number;
    maxSuffixTokens: number;
    /** End of the prefix that was taken back: the answer had to begin with it. */
    forced: string;
    /** What was generated, `forced` included. */
    written: { text: string; probability: number }[];
    /** As generated, without `forced` and before trimming; so many characters of it the stop rule left. */
    answer: string;
    stop: StopReason;
    kept: number;
    /** What the filters took off after that, in order: which one, and how many characters it left. */
    cuts: { filter: FilterName; length: number }[];
    /** What the model wrote first and the document has below the cursor; `written` and `answer` are what it wrote in place of that. */
    instead?: string | undefined;
}

export interface PromptPiece {
    kind: SnippetKind;
    path: string;
    nTokens: number;
}

export interface PromptPart {
    /** As the layout names it: `prefix`, `suffix` ...; a control token by its role: `BOS`, `PRE`, `SUF`, `MID`. */
    part: string;
    text: string;
    nTokens: number;
}
