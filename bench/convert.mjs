// `npm run bench -- convert --checkpoint DIR`: a checkpoint to one quantized file, by `ingot convert` and by llama.cpp's own two steps
// (convert_hf_to_gguf.py to bf16, then llama-quantize), in turn. Wall time, anonymous memory, intermediate file, and whether the bytes are equal.
//   --type T (Q4_K_M)  --runs N (3)  --threads N  --json FILE
//   --tools DIR (.cache/peers/bin: llama-quantize, npm run peers)  --source DIR (.cache/peers/llama.cpp)
//   --python PROGRAM (python3; needs what convert_hf_to_gguf.py needs). Without tools or Python that side is left out.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
    createReadStream,
    existsSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
    options: {
        checkpoint: { type: "string" },
        type: { type: "string", default: "Q4_K_M" },
        runs: { type: "string", default: "3" },
        threads: { type: "string", default: `${cpus().length}` },
        tools: { type: "string", default: join(root, ".cache", "peers", "bin") },
        source: { type: "string", default: join(root, ".cache", "peers", "llama.cpp") },
        python: { type: "string", default: "python3" },
        json: { type: "string" },
    },
});
const { type, threads } = values;
if (!values.checkpoint) {
    console.error("usage: npm run bench -- convert --checkpoint DIR [--type T] [--runs N]");
    process.exit(2);
}
const checkpoint = resolve(values.checkpoint);
const quantizer = join(values.tools, "llama-quantize");
const converter = join(values.source, "convert_hf_to_gguf.py");
const hasQuantizer = existsSync(quantizer);
const hasConverter =
    existsSync(converter) &&
    spawnSync(values.python, [converter, "--help"], { stdio: "ignore" }).status === 0;
const temp = mkdtempSync(join(tmpdir(), "ingot-bench-convert-"));
process.on("exit", () => rmSync(temp, { recursive: true, force: true }));

/** Parents by process id. Linux only: elsewhere no memory is told. */
function processTree(pid) {
    const children = new Map();
    let names;
    try {
        names = readdirSync("/proc");
    } catch {
        return [];
    }
    for (const name of names) {
        if (!/^\d+$/.test(name)) continue;
        try {
            const stat = readFileSync(`/proc/${name}/stat`, "utf8");
            const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
            children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
        } catch {
            // It ended meanwhile.
        }
    }
    const tree = [pid];
    for (const one of tree) tree.push(...(children.get(one) ?? []));
    return tree;
}

function anonymousBytes(pid) {
    return processTree(pid).reduce((sum, one) => {
        try {
            const kb = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, "utf8"))?.[1];
            return sum + Number(kb ?? 0) * 1024;
        } catch {
            return sum;
        }
    }, 0);
}

/** Runs a program to its end: seconds, and the most anonymous memory that it and its children had at a time. */
function measure(command, args) {
    return new Promise((done, fail) => {
        const startMs = performance.now();
        const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
        let peak = 0;
        let text = "";
        child.stderr.on("data", (data) => (text = (text + data).slice(-4000)));
        const timer = setInterval(() => (peak = Math.max(peak, anonymousBytes(child.pid))), 50);
        child.once("error", fail);
        child.once("close", (code) => {
            clearInterval(timer);
            if (code !== 0) return fail(new Error(`${basename(command)} failed\n${text}`));
            done({ seconds: (performance.now() - startMs) / 1000, anonymousBytes: peak });
        });
    });
}

async function sha256(file) {
    const hash = createHash("sha256");
    for await (const data of createReadStream(file)) hash.update(data);
    return hash.digest("hex");
}

async function ours() {
    const out = join(temp, "ours.gguf");
    rmSync(out, { force: true });
    const args = ["convert", checkpoint, "--type", type, "--via", "bf16", "--threads", threads];
    const cli = join(root, "dist", "cli.mjs");
    const run = await measure(process.execPath, [cli, ...args, "--out", out]);
    return { ...run, sha256: await sha256(out), bytes: statSync(out).size };
}

/** `middle`: the file between; made by our own converter when there is no Python, and then not timed. */
async function theirs() {
    const middle = join(temp, "bf16.gguf");
    const out = join(temp, "theirs.gguf");
    rmSync(out, { force: true });
    let first = { seconds: 0, anonymousBytes: 0 };
    if (hasConverter) {
        const args = [converter, checkpoint, "--outtype", "bf16", "--outfile", middle];
        first = await measure(values.python, args);
    } else if (!existsSync(middle)) {
        const args = ["convert", checkpoint, "--type", "BF16", "--out", middle];
        await measure(process.execPath, [join(root, "dist", "cli.mjs"), ...args]);
    }
    const second = await measure(quantizer, [middle, out, type, threads]);
    return {
        convertSeconds: hasConverter ? first.seconds : undefined,
        quantizeSeconds: second.seconds,
        seconds: first.seconds + second.seconds,
        anonymousBytes: Math.max(first.anonymousBytes, second.anonymousBytes),
        intermediateBytes: statSync(middle).size,
        sha256: await sha256(out),
    };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.trunc(list.length / 2)];
const summary = (runs) => ({
    seconds: median(runs.map(({ seconds }) => seconds)),
    allSeconds: runs.map(({ seconds }) => Number(seconds.toFixed(2))),
    anonymousBytes: Math.max(...runs.map((run) => run.anonymousBytes)),
});

const our = [];
const their = [];
for (let i = 0; i < Number(values.runs); i++) {
    our.push(await ours());
    if (hasQuantizer) their.push(await theirs());
}
const result = {
    checkpoint: basename(checkpoint),
    type,
    threads: Number(threads),
    load: Number(loadavg()[0].toFixed(1)),
    ours: { ...summary(our), bytes: our[0].bytes, intermediateBytes: 0 },
    ...(their.length > 0 && {
        reference: {
            ...summary(their),
            steps: hasConverter ? "convert and quantize" : "quantize only",
            convertSeconds: hasConverter ? median(their.map((run) => run.convertSeconds)) : null,
            quantizeSeconds: median(their.map((run) => run.quantizeSeconds)),
            intermediateBytes: their[0].intermediateBytes,
        },
        ratio: summary(our).seconds / summary(their).seconds,
        sameBytes: our[0].sha256 === their[0].sha256,
    }),
};
const text = JSON.stringify(result, undefined, 2);
console.log(text);
if (values.json) writeFileSync(values.json, `${text}\n`);
