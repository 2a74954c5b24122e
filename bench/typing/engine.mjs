// An engine under test: a child process that speaks the bench's protocol, one JSON object a line. Owns the process; tells what it
// says to one listener. An engine that ends early fails whatever waits, with the end of its stderr.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const STDERR_CHARACTERS = 2000;
/** How long an engine may take to end by itself after `stop`. */
const STOP_MS = 10_000;

export class Engine {
    /** Gets every `result` and `work`. */
    listener = () => undefined;
    #child;
    #waiting = new Map();
    #nextSync = 1;
    #stderr = "";
    #failure;
    #ended;

    constructor([command, ...args]) {
        this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
        this.#ended = new Promise((resolve) => {
            this.#child.once("error", (error) => this.#fail(error.message, resolve));
            this.#child.once("close", (code, signal) =>
                this.#fail(`it ended with ${signal ?? code}`, resolve),
            );
        });
        this.#child.stdin.on("error", () => undefined); // Told by "close".
        this.#child.stderr.on("data", (data) => {
            this.#stderr = (this.#stderr + data).slice(-STDERR_CHARACTERS);
        });
        createInterface({ input: this.#child.stdout }).on("line", (line) => this.#receive(line));
    }

    get pid() {
        return this.#child.pid;
    }

    send(message) {
        if (this.#failure) throw this.#failure;
        this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    }

    /** Resolves with the `ready` line. */
    start(message) {
        return this.#ask("ready", { type: "start", files: [], ...message });
    }

    /** Resolves when no request and no background work is under way. */
    sync() {
        const id = this.#nextSync++;
        return this.#ask(`synced ${id}`, { type: "sync", id });
    }

    /** Asks it to end, and kills it when it does not. */
    async stop() {
        if (!this.#failure) this.send({ type: "stop" });
        const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
        await this.#ended;
        clearTimeout(timer);
    }

    #ask(key, message) {
        return new Promise((resolve, reject) => {
            this.#waiting.set(key, { resolve, reject });
            if (this.#failure) reject(this.#failure);
            else this.send(message);
        });
    }

    #receive(line) {
        if (line.trim() === "") return;
        let message;
        try {
            message = JSON.parse(line);
        } catch {
            this.#failure = new Error(`the engine wrote a line that is no JSON: ${line}`);
            this.#child.kill();
            return;
        }
        const { type, id } = message;
        if (type === "result" || type === "work") return this.listener(message);
        const key = type === "synced" ? `synced ${id}` : type;
        this.#waiting.get(key)?.resolve(message);
        this.#waiting.delete(key);
    }

    #fail(why, ended) {
        const tail = this.#stderr.trim();
        this.#failure ??= new Error(`the engine is gone: ${why}${tail && `\n${tail}`}`);
        for (const { reject } of this.#waiting.values()) reject(this.#failure);
        this.#waiting.clear();
        ended();
    }
}
