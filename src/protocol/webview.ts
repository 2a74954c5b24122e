/** What the chat view and the host say to each other. The page owns pixels and input; the host owns the conversation. */

export interface ContextChip {
    id: string;
    kind: "file" | "selection";
    /** File name, with a line range for a selection. */
    label: string;
    /** Full path for the tooltip. */
    tooltip: string;
    enabled: boolean;
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
}

export interface ChatViewState {
    /** Changes with New Chat. */
    conversation: string;
    modelName: string;
    /** Sentence shown instead of the input when chat cannot run; with the action that mends it. */
    problem?: { text: string; action: string; command: string } | undefined;
    turns: ChatTurn[];
    chips: ContextChip[];
    /** Prompts offered in an empty conversation. */
    suggestions: string[];
    busy: boolean;
    /** What is happening while there is no text yet: "reading 2,140 tokens, 61 %". */
    activity?: string | undefined;
}

export interface ChatViewSide {
    requests: Record<never, never>;
    events: {
        state: ChatViewState;
        /** Appends to the streaming turn. */
        append: { id: string; text: string };
        activity: { text: string | undefined };
        /** The open file or the selection changed. */
        chips: { chips: ContextChip[]; suggestions: string[] };
        focus: void;
    };
}

export interface ChatHostSide {
    requests: {
        send: { params: { text: string }; result: void };
        stop: { params: void; result: void };
        /** Asks again for the last answer. */
        retry: { params: void; result: void };
        newChat: { params: void; result: void };
        copy: { params: { text: string }; result: void };
        insert: { params: { text: string }; result: void };
        /** Puts code where it belongs in the file that was open last, to be reviewed there. */
        apply: { params: { text: string }; result: void };
        toggleChip: { params: { id: string }; result: void };
        runCommand: { params: { command: string }; result: void };
        openLink: { params: { href: string }; result: void };
    };
    events: { ready: void };
}
