/** A process of a test's own, made from one file of `test/support`, to be killed in the middle of its work. */

import { spawn, type ChildProcess } from "node:child_process";
import { build } from "esbuild";

/** Bundles `entry`, so that it runs without the rest of the tests. */
export async function bundleChild(entry: string, outfile: string): Promise<void> {
    await build({
        entryPoints: [entry],
        bundle: true,
        platform: "node",
        format: "esm",
        outfile,
        banner: {
            js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
        },
    });
}

export interface RunningChild {
    process: ChildProcess;
    /** What it wrote; undefined when it was killed or failed. */
    ended: Promise<string | undefined>;
}

/** `given` is its one argument, as JSON. */
export function startChild(file: string, given: unknown): RunningChild {
    const process = spawn(globalThis.process.execPath, [file, JSON.stringify(given)], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    process.stdout.on("data", (data: Buffer) => (out += data.toString()));
    const ended = new Promise<string | undefined>((resolve) =>
        process.on("close", (code) => resolve(code === 0 ? out : undefined)),
    );
    return { process, ended };
}
