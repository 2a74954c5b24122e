// One program run to its end: wall time, processor time and the most anonymous memory of it and its children. The last two are read from
// /proc while it runs, so elsewhere than on Linux they are not told.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const SAMPLE_MS = 50;
/** Of the kernel's USER_HZ. */
const TICK_SECONDS = 0.01;

function read(path) {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return undefined; // It ended meanwhile.
    }
}

/** Ids of a process and its descendants; those that a thread other than the first started are not found. */
function processTree(pid) {
    const tree = [pid];
    for (const one of tree) {
        const children = read(`/proc/${one}/task/${one}/children`)?.trim();
        if (children) tree.push(...children.split(/\s+/).map(Number));
    }
    return tree;
}

function sample(pid, seen) {
    let anonymousBytes = 0;
    for (const one of processTree(pid)) {
        const stat = read(`/proc/${one}/stat`);
        // After the name, which may hold spaces: utime and stime are the 14th and 15th fields of all.
        const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
        if (fields) seen.set(one, (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS);
        const kb = /RssAnon:\s+(\d+)/.exec(read(`/proc/${one}/status`) ?? "")?.[1];
        anonymousBytes += Number(kb ?? 0) * 1024;
    }
    return anonymousBytes;
}

/** Rejects when the program fails. `out`, `err`: what it said, of the latter the end. `cpuSeconds` and `anonymousBytes` lack what happened since the last sample (50 ms). */
export function measure(command, args, env = {}) {
    return new Promise((done, fail) => {
        const startMs = performance.now();
        const child = spawn(command, args, {
            stdio: ["ignore", "pipe", "pipe"],
            env: { ...process.env, ...env },
        });
        const seen = new Map();
        let anonymousBytes = 0;
        let out = "";
        let err = "";
        child.stdout.on("data", (data) => (out += data));
        child.stderr.on("data", (data) => (err = (err + data).slice(-4000)));
        const timer = setInterval(() => {
            anonymousBytes = Math.max(anonymousBytes, sample(child.pid, seen));
        }, SAMPLE_MS);
        child.once("error", fail);
        child.once("close", (code) => {
            clearInterval(timer);
            if (code !== 0) return fail(new Error(`${basename(command)} failed\n${err}`));
            const seconds = (performance.now() - startMs) / 1000;
            const cpuSeconds = [...seen.values()].reduce((sum, value) => sum + value, 0);
            done({ seconds, cpuSeconds, anonymousBytes, out, err });
        });
    });
}

export const median = (list) => [...list].sort((a, b) => a - b)[Math.trunc(list.length / 2)];

export const round = (value) => Number(value.toFixed(2));
