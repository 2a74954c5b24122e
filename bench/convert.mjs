// `npm run bench -- convert --checkpoint DIR`: a checkpoint to one quantized file, by `ingot convert` and by llama.cpp's own two steps
// (convert_hf_to_gguf.py to bf16, then llama-quantize), in turn. Wall and processor time, anonymous memory, intermediate file, and whether the
// bytes are equal. `ratio` is the median of the pairs' ratios.
//   --type T (Q4_K_M)  --runs N (3)  --threads N  --json FILE
//   --tools DIR (.cache/peers/bin: llama-quantize, npm run peers)  --source DIR (.cache/peers/llama.cpp)
//   --python PROGRAM (python3; needs what convert_hf_to_gguf.py needs). Without tools or Python that side is left out.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
    createReadStream,
    existsSync,
    mkdtempSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measure, median, round } from "./support/measure.mjs";

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
    let first = { seconds: 0, cpuSeconds: 0, anonymousBytes: 0 };
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
        cpuSeconds: first.cpuSeconds + second.cpuSeconds,
        anonymousBytes: Math.max(first.anonymousBytes, second.anonymousBytes),
        intermediateBytes: statSync(middle).size,
        sha256: await sha256(out),
    };
}

const summary = (runs) => ({
    seconds: median(runs.map(({ seconds }) => seconds)),
    allSeconds: runs.map(({ seconds }) => round(seconds)),
    cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
    anonymousBytes: Math.max(...runs.map((run) => run.anonymousBytes)),
});
const ratioOf = (key) => round(median(our.map((run, i) => run[key] / their[i][key])));

const our = [];
const their = [];
const loads = [];
for (let i = 0; i < Number(values.runs); i++) {
    loads.push(round(loadavg()[0]));
    our.push(await ours());
    if (hasQuantizer) their.push(await theirs());
}
const result = {
    checkpoint: basename(checkpoint),
    type,
    threads: Number(threads),
    loads: [...loads, round(loadavg()[0])],
    ours: { ...summary(our), bytes: our[0].bytes, intermediateBytes: 0 },
    ...(their.length > 0 && {
        reference: {
            ...summary(their),
            steps: hasConverter ? "convert and quantize" : "quantize only",
            convertSeconds: hasConverter ? median(their.map((run) => run.convertSeconds)) : null,
            quantizeSeconds: median(their.map((run) => run.quantizeSeconds)),
            intermediateBytes: their[0].intermediateBytes,
        },
        ratio: ratioOf("seconds"),
        cpuRatio: ratioOf("cpuSeconds"),
        sameBytes: our[0].sha256 === their[0].sha256,
    }),
};
const text = JSON.stringify(result, undefined, 2);
console.log(text);
if (values.json) writeFileSync(values.json, `${text}\n`);
