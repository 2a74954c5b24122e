/** What the chat view and the host say to each other. The page owns pixels and input; the host owns the conversation. */

export type ContextKind =
    | "file"
    | "selection"
    | "symbol"
    | "folder"
    | "problems"
    | "terminal"
    | "changes"
    | "clipboard"
    | "dropped"
    | "codebase";

export interface ContextChip {
    id: string;
    kind: ContextKind;
    /** File name, with a line range for a selection. */
    label: string;
    /** Full path for the tooltip. */
    tooltip: string;
    enabled: boolean;
    /** Was added by the person: can be removed, and pinned (sent in front of every question). */
    isAdded?: boolean | undefined;
    isPinned?: boolean | undefined;
}

/** What can follow `#` or `/` in a question. */
export interface Suggestion {
    /** Given back when it is chosen. */
    id: string;
    kind: ContextKind | "command";
    label: string;
    detail?: string | undefined;
    /** Text in place of what was typed; undefined: nothing. */
    insert?: string | undefined;
}

export interface ChatTurn {
    id: string;
    role: "user" | "assistant";
    /** Markdown as the model wrote it. */
    text: string;
    state: "done" | "streaming" | "stopped" | "failed";
    /** Sentence shown under a failed turn. */
    error?: string | undefined;
    /** Button beside Retry that mends what failed. */
    mend?: { label: string; command: string } | undefined;
    /** Sentence under an answer that is not all it could be: cut at the limit, older messages left out. */
    note?: string | undefined;
    /** What was sent along with a user turn: `app.ts, lines 10-40 of 900`. */
    context?: string[] | undefined;
    /** Places in the workspace that an answer rests on, as links: `basket.ts, lines 10-40 of 900`. */
    sources?: string[] | undefined;
    /** Which one of several questions or answers at this place, from 1; undefined: there is one. */
    version?: { at: number; of: number } | undefined;
}

export interface ChatViewState {
    /** Changes with New Chat. */
    conversation: string;
    modelName: string;
    /** Sentence shown instead of the input when chat cannot run; with the action that mends it. */
    problem?: { text: string; action: string; command: string } | undefined;
    /** The last ones; `nEarlier` more are in front of them. */
    turns: ChatTurn[];
    nEarlier: number;
    chips: ContextChip[];
    /** Prompts offered in an empty conversation. */
    suggestions: string[];
    busy: boolean;
    /** What is happening while there is no text yet: "reading 2,140 tokens, 61 %". */
    activity?: string | undefined;
    usage?: TokenUsage | undefined;
}

/** Tokens of the model's context, as the engine counted them. */
export interface TokenUsage {
    used: number;
    of: number;
}

export interface ChatViewSide {
    requests: Record<never, never>;
    events: {
        state: ChatViewState;
        /** Appends to the streaming turn. */
        append: { id: string; text: string };
        activity: { text: string | undefined };
        /** The open file, the selection or what was added changed. */
        chips: { chips: ContextChip[]; suggestions: string[] };
        usage: { usage: TokenUsage | undefined };
        /** A sentence that is shown for a while: why something was not added. */
        hint: { text: string };
        focus: void;
    };
}

export interface ChatHostSide {
    requests: {
        /** False: it was not asked, and the host has said why; the text stays the person's. */
        send: { params: { text: string }; result: boolean };
        stop: { params: void; result: void };
        /** Asks again for the last answer. */
        retry: { params: void; result: void };
        /** Asks another question in place of one; false as for `send`. */
        edit: { params: { id: string; text: string }; result: boolean };
        /** Shows the version before or after a turn. */
        selectVersion: { params: { id: string; step: -1 | 1 }; result: void };
        showEarlier: { params: void; result: void };
        newChat: { params: void; result: void };
        copy: { params: { text: string }; result: void };
        insert: { params: { text: string }; result: void };
        /** Puts code where it belongs in the file that was open last, to be reviewed there. */
        apply: { params: { text: string; language: string }; result: void };
        newFile: { params: { text: string; language: string }; result: void };
        /** Puts a command into a terminal; the person presses Enter. */
        toTerminal: { params: { text: string }; result: void };
        toggleChip: { params: { id: string }; result: void };
        removeChip: { params: { id: string }; result: void };
        pinChip: { params: { id: string }; result: void };
        /** What can follow `#` or `/`; `query`: the letters after it. */
        suggest: { params: { trigger: "#" | "/"; query: string }; result: Suggestion[] };
        /** Adds the context of a suggestion. */
        choose: { params: { id: string }; result: void };
        /** Adds what was dropped: addresses of files and folders, or the text of a file from outside. */
        drop: { params: { uris: string[]; files: DroppedFile[] }; result: void };
        runCommand: { params: { command: string }; result: void };
        openLink: { params: { href: string }; result: void };
        /** `at`: which of the answer's sources. */
        openSource: { params: { id: string; at: number }; result: void };
    };
    events: {
        ready: void;
        /** What is in the input. */
        draft: { text: string };
    };
}

export interface DroppedFile {
    name: string;
    text: string;
}
