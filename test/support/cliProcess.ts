/** `ingot` as a person runs it: the real bundle in its own process, with a data folder of its own. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { BUNDLES } from "./engineProcess";

export interface CliRun {
    code: number | null;
    out: string;
    err: string;
}

export interface CliOptions {
    /** Data folder. */
    home: string;
    env?: Record<string, string>;
    /** All processes of the command get `signal`, as from Ctrl+C on a terminal, once stderr holds this text. */
    interruptAt?: string;
    /** Default: SIGINT. */
    signal?: NodeJS.Signals;
}

export function ingot(args: readonly string[], options: CliOptions): Promise<CliRun> {
    const { home, env, interruptAt, signal = "SIGINT" } = options;
    return new Promise((resolve) => {
        const child = spawn(process.execPath, [join(BUNDLES, "cli.mjs"), ...args], {
            env: { ...process.env, INGOT_HOME: home, ...env },
            stdio: ["ignore", "pipe", "pipe"],
            detached: interruptAt !== undefined,
        });
        const run: CliRun = { code: null, out: "", err: "" };
        let isInterrupted = false;
        child.stdout.on("data", (data: Buffer) => (run.out += data.toString()));
        child.stderr.on("data", (data: Buffer) => {
            run.err += data.toString();
            if (isInterrupted || interruptAt === undefined || !run.err.includes(interruptAt))
                return;
            isInterrupted = true;
            if (child.pid !== undefined) process.kill(-child.pid, signal);
        });
        child.on("close", (code) => resolve({ ...run, code }));
    });
}
