/**
 * One forked child of Ingot with a typed channel: engine, probe or worker, from the extension host and from the CLI alike.
 * Says why a child died (signal, the assertion that llama.cpp wrote, its last words). Restarting is the supervisor's business.
 * INVARIANT: every pending call fails when the child is gone, and a disposed child is dead within two seconds.
 */

import { fork, type ChildProcess } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { AppError } from "../base/errors";
import { Deferred } from "../base/async";
import { Channel, type Handlers, type Listeners, type Side } from "../protocol/channel";
import { parentPort } from "./ipcPort";

/** Name of the variable that tells a child where an abort text goes (`OpenOptions.abortFile`). */
export const ABORT_FILE_VARIABLE = "INGOT_ABORT_FILE";

export interface ChildOptions<Mine extends Side> {
    /** As a person reads it in "The engine stopped": `engine`, `worker`, `probe`. */
    name: string;
    /** Absolute path of the bundle. */
    entry: string;
    args?: readonly string[];
    /** Build hash of this side. */
    build: string;
    handlers: Handlers<Mine>;
    listeners: Listeners<Mine>;
    /** Another Node executable; default: this one, as plain Node also inside Electron. */
    execPath?: string | undefined;
    env?: Readonly<Record<string, string>> | undefined;
    /** Lines the child writes to stdout or stderr. */
    onOutput?: ((line: string) => void) | undefined;
    onFault?: ((error: unknown) => void) | undefined;
    helloTimeoutMs?: number | undefined;
}

export interface Child<Mine extends Side, Theirs extends Side> {
    readonly pid: number | undefined;
    readonly channel: Channel<Mine, Theirs>;
    /** Settles after the handshake; rejects with the reason when the child died or is of another build. */
    readonly ready: Promise<void>;
    /** Settles when the process is gone. */
    readonly exited: Promise<AppError>;
    /** Lets the child end by itself, kills it after 1.5 s. Settles when it is gone. */
    dispose(): Promise<void>;
}

const KILL_AFTER_MS = 1500;
/** A grandchild may keep the output pipes open: after an exit they are not waited for longer than this. */
const OUTPUT_AFTER_EXIT_MS = 300;
const KEPT_LINES = 20;

export function startChild<Mine extends Side, Theirs extends Side>(
    options: ChildOptions<Mine>,
): Child<Mine, Theirs> {
    const abortFile = newAbortFile();
    const child = fork(options.entry, [...(options.args ?? [])], {
        execPath: options.execPath ?? process.execPath,
        execArgv: [],
        env: { ...childEnvironment(process.env), ...options.env, [ABORT_FILE_VARIABLE]: abortFile },
        serialization: "json",
        stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const lines = keepLines(child, options.onOutput);
    let disposing = false;
    const exited = whenGone(child).then((end) => {
        const abortText = takeFile(abortFile);
        return exitError({ name: options.name, end, abortText, lines, expected: disposing });
    });
    const channel = new Channel<Mine, Theirs>(parentPort(child, exited), options);
    const timer = setTimeout(() => child.kill("SIGKILL"), options.helloTimeoutMs ?? 30_000);
    const ready = channel.ready.finally(() => clearTimeout(timer));
    ready.catch(() => child.kill("SIGKILL"));
    return {
        pid: child.pid,
        channel,
        ready,
        exited,
        async dispose() {
            disposing = true;
            if (child.connected) child.disconnect();
            const kill = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
            await exited;
            clearTimeout(kill);
        },
    };
}

/** What a child gets of our environment: not the editor's own variables, and no options meant for another Node. */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const kept = Object.entries(env).filter(
        ([key]) => !key.startsWith("VSCODE_") && key !== "NODE_OPTIONS",
    );
    return { ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: "1" };
}

interface End {
    code: number | null;
    signal: NodeJS.Signals | null;
    /** The process could not be started at all. */
    error?: Error;
}

export interface ExitFacts {
    name: string;
    end: End;
    /** What llama.cpp wrote before it aborted. */
    abortText: string | undefined;
    /** The last lines of output. */
    lines: readonly string[];
    expected: boolean;
}

/** The reason as an error: one sentence, the last output in the detail. */
export function exitError({ name, end, abortText, lines, expected }: ExitFacts): AppError {
    const detail = [abortText, ...lines].filter((line) => line !== undefined).join("\n");
    const options = { retry: true, ...(detail === "" ? {} : { detail }) };
    if (expected) return new AppError("engine/gone", `The ${name} was stopped`, options);
    return new AppError(
        "engine/gone",
        `The ${name} stopped unexpectedly: ${why(end, abortText, lines)}; ${name === "engine" ? "it starts again with the next request" : "try again"}`,
        options,
    );
}

function why(end: End, abortText: string | undefined, lines: readonly string[]): string {
    if (end.error) return `it could not be started (${end.error.message})`;
    const assertion = abortText?.split("\n").find((line) => line.trim() !== "");
    if (assertion !== undefined) return assertion.trim();
    if (end.signal === "SIGKILL") return "it was killed (SIGKILL), as happens when memory runs out";
    if (end.signal === "SIGBUS")
        return "it crashed (SIGBUS), as happens when a model file is cut while it is in use";
    if (end.signal !== null) return `it crashed (${end.signal})`;
    const last = lines.findLast((line) => /error|fail|cannot|not found/i.test(line));
    return `exit code ${end.code ?? "unknown"}${last === undefined ? "" : ` (${last.trim().slice(0, 200)})`}`;
}

function whenGone(child: ChildProcess): Promise<End> {
    const deferred = new Deferred<End>();
    // Not the child's own "close": after `disconnect` Node never sends it.
    const ended = Promise.all([child.stdout, child.stderr].map(whenClosed));
    child.once("error", (error) => {
        if (child.pid === undefined) deferred.resolve({ code: null, signal: null, error });
    });
    child.once("exit", (code, signal) => {
        const timer = setTimeout(() => deferred.resolve({ code, signal }), OUTPUT_AFTER_EXIT_MS);
        void ended.then(() => {
            clearTimeout(timer);
            deferred.resolve({ code, signal });
        });
    });
    return deferred.promise;
}

function whenClosed(stream: Readable | null): Promise<void> {
    return new Promise((resolve) => {
        if (!stream || stream.closed) resolve();
        else stream.once("close", resolve);
    });
}

function keepLines(
    child: ChildProcess,
    onOutput: ((line: string) => void) | undefined,
): readonly string[] {
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
        if (!stream) continue;
        createInterface({ input: stream }).on("line", (line) => {
            lines.push(line.slice(0, 1000));
            if (lines.length > KEPT_LINES) lines.shift();
            onOutput?.(line);
        });
    }
    return lines;
}

let nAbortFiles = 0;

function newAbortFile(): string {
    return join(tmpdir(), `ingot-${process.pid}-${Date.now()}-${nAbortFiles++}.abort`);
}

function takeFile(path: string): string | undefined {
    try {
        const text = readFileSync(path, "utf8").slice(0, 4000);
        rmSync(path, { force: true });
        return text.trim() === "" ? undefined : text;
    } catch {
        return undefined;
    }
}
