// Runs a program that nobody has read: an empty environment, no stdin, a folder of its own that is removed, limits of processor time, memory and
// file size, and one process group that is killed when time is up or the program has ended. Where the system permits it, also without network and with
// process ids of its own, so that nothing outlives it. POSIX only. Owns the processes and the folders.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Processor time decides, because it does not depend on what else runs; the clock is for programs that wait. */
export const LIMITS = { cpuSeconds: 5, wallMs: 60_000, memoryMb: 512 };
/** Of stdout and of stderr; the end is kept. */
const OUTPUT_CHARACTERS = 2000;
/** For pipes that a process which got away holds open. */
const CLOSE_MS = 1000;

const SHELL = "/bin/sh";
/** A limit that the system does not know, or that is lower already, is none of the program's business. */
const limited = ({ cpuSeconds, memoryMb }) =>
    [`-t ${cpuSeconds}`, `-d ${memoryMb * 1024}`, "-f 0", "-c 0", "-n 64"]
        .map((limit) => `ulimit ${limit} 2>/dev/null`)
        .concat('exec "$@"')
        .join("; ");

const UNSHARE = ["/usr/bin/unshare", "/bin/unshare"];
const APART = ["--net", "--ipc", "--pid", "--fork", "--kill-child"];
/** Anyone may have a user namespace, unless the system forbids it; root may do without. */
const WAYS = [["--user", "--map-root-user", ...APART], APART];

/** The sandbox of this system, undefined where it has none. `isApart`: without network, and no process outlives it. */
export function openSandbox() {
    if (process.platform === "win32" || !existsSync(SHELL)) return undefined;
    const unshare = UNSHARE.find((path) => existsSync(path));
    const way = WAYS.find(
        (flags) => unshare && spawnSync(unshare, [...flags, SHELL, "-c", ":"]).status === 0,
    );
    const prefix = way ? [unshare, ...way] : [];
    return { isApart: way !== undefined, run: (program) => run(prefix, program) };
}

/**
 * Runs `command`, a function of the folder that holds `files` (name to text) and is its working directory. `{ code, isLate, output, errors }`:
 * the exit code, null after a signal; whether the clock's limit ended it; the end of stdout and of stderr.
 */
async function run(prefix, { command, files = {}, limits = LIMITS }) {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "ingot-run-")));
    try {
        for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
        const words = [...prefix, SHELL, "-c", limited(limits), "sh", ...command(folder)];
        return await ended(words, folder, limits.wallMs);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

function ended([program, ...args], folder, wallMs) {
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, {
            ...{ cwd: folder, env: {}, stdio: ["ignore", "pipe", "pipe"] },
            detached: true, // A process group of its own.
        });
        let isLate = false;
        const kill = () => {
            try {
                process.kill(-child.pid, "SIGKILL");
            } catch {
                // Nobody is left in it.
            }
        };
        const timer = setTimeout(() => {
            isLate = true;
            kill();
        }, wallMs);
        const [output, errors] = [child.stdout, child.stderr].map(tailOf);
        child.once("error", (error) => {
            clearTimeout(timer);
            reject(error);
        });
        child.once("exit", (code) => {
            clearTimeout(timer);
            kill();
            const closing = setTimeout(() => {
                child.stdout.destroy();
                child.stderr.destroy();
            }, CLOSE_MS);
            child.once("close", () => {
                clearTimeout(closing);
                resolve({ code, isLate, output: output(), errors: errors() });
            });
        });
    });
}

function tailOf(stream) {
    let text = "";
    stream.setEncoding("utf8");
    stream.on("data", (data) => (text = (text + data).slice(-OUTPUT_CHARACTERS)));
    return () => text;
}
