/** What a command of the CLI gets: its arguments, where to write, and how to stop. No command touches process.* itself. */

import type { Readable, Writable } from "node:stream";

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const;

export interface CliContext {
    /** Arguments after the command's name. */
    args: readonly string[];
    /** Results as one JSON document. */
    json: boolean;
    /** Aborted by Ctrl+C. */
    signal: AbortSignal;
    stdin: Readable & { isTTY?: boolean };
    stdout: Writable & { isTTY?: boolean };
    stderr: Writable & { isTTY?: boolean };
    /** Results: writes to stdout. */
    out: (text: string) => void;
    /** Progress and warnings, a line each. */
    note: (text: string) => void;
    progress: ProgressView;
    /** Installation folder: holds dist/ and models/. */
    root: string;
    /** Folder of the bundles (`dist`). */
    bundles: string;
    build: string;
    /** Path of the starter model. */
    starterPath: string;
}

/** A bar on a terminal, JSON lines with `--progress json`, nothing when stderr is a pipe. */
export interface ProgressView {
    show(step: ProgressStep): void;
    /** Ends the line of the bar. */
    end(): void;
}

export interface ProgressStep {
    label: string;
    done: number;
    total: number;
    /** Rate and time left, as text. */
    detail?: string | undefined;
}

/** One command: name and arguments for the help text, and what runs. Returns the exit code. */
export interface Command {
    name: string;
    /** Arguments as shown: `SOURCE --type TYPE [--out FILE]`. */
    usage: string;
    /** One line. */
    summary: string;
    run(context: CliContext): Promise<number>;
}
