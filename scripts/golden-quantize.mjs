// Records what llama.cpp's own tools make of small models: llama-quantize with importance matrices, overrides and quantized sources, and
// llama-gguf-split. node scripts/golden-quantize.mjs TOOLS writes test/golden/quantize (README there).
//
// TOOLS is the folder with llama-quantize and llama-gguf-split (npm run peers makes .cache/peers/bin). dist/ must be built.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const out = join(root, "test", "golden", "quantize");
const tools = process.argv[2];
if (!tools) {
    console.error("usage: node scripts/golden-quantize.mjs TOOLS");
    process.exit(2);
}
const tool = (name) => join(resolve(tools), name);
const temp = mkdtempSync(join(tmpdir(), "ingot-golden-quantize-"));
mkdirSync(out, { recursive: true });

const MODELS = {
    starter: "models/starter",
    untied: "test/golden/conversion/twelve-layers",
    experts: "test/golden/conversion/mixtral",
};

/** @param {readonly string[]} args */
function ingot(args) {
    return execFileSync(process.execPath, [join(root, "dist", "cli.mjs"), ...args], {
        encoding: "utf8",
        env: { ...process.env, INGOT_HOME: temp },
    });
}

const u32 = (n) => Buffer.from(Uint32Array.of(n).buffer);
const u64 = (n) => Buffer.from(BigUint64Array.of(BigInt(n)).buffer);
const text = (s) => Buffer.concat([u64(Buffer.byteLength(s)), Buffer.from(s)]);

/** An importance matrix as llama-imatrix writes it: made-up sums, the last expert never used. */
function makeImatrix(tensors, nChunks) {
    const entries = tensors.map(({ name, shape: [width, , nExperts = 1] }, t) => {
        const counts = Float32Array.from({ length: nExperts }, (_, e) =>
            e > 0 && e === nExperts - 1 ? 0 : 512 * nChunks - 7 * e,
        );
        const sums = Float32Array.from({ length: width * nExperts }, (_, i) =>
            counts[Math.trunc(i / width)] === 0 ? 0 : (((i * 7919 + t * 104729) % 997) + 1) * 1.37,
        );
        return { name, width, nExperts, sums, counts };
    });
    const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const datasets = ["calibration-\u00e9\u00e9.txt ".repeat(12).trim(), "other.txt"];
    const parts = sorted.flatMap(({ name, width, nExperts, sums, counts }) => [
        { name: `${name}.in_sum2`, shape: [width, nExperts], values: sums },
        { name: `${name}.counts`, shape: [1, nExperts], values: counts },
    ]);
    let offset = 0;
    const table = parts.map(({ name, shape, values }) => {
        const entry = [text(name), u32(2), ...shape.map(u64), u32(0), u64(offset)];
        offset += Math.ceil((values.length * 4) / 32) * 32;
        return Buffer.concat(entry);
    });
    const header = Buffer.concat([
        Buffer.from("GGUF"),
        ...[u32(3), u64(parts.length), u64(4)],
        ...[text("general.type"), u32(8), text("imatrix")],
        ...[text("imatrix.datasets"), u32(9), u32(8), u64(datasets.length), ...datasets.map(text)],
        ...[text("imatrix.chunk_count"), u32(4), u32(nChunks)],
        ...[text("imatrix.chunk_size"), u32(4), u32(512)],
        ...table,
    ]);
    const pad = (bytes) => Buffer.alloc((32 - (bytes % 32)) % 32);
    const data = parts.flatMap(({ values }) => [
        Buffer.from(values.buffer),
        pad(values.byteLength),
    ]);
    const gguf = Buffer.concat([header, pad(header.length), ...data]);
    const legacy = Buffer.concat([
        u32(sorted.length),
        ...sorted.flatMap(({ name, sums, counts, width }) => {
            const nCalls = Math.ceil(Math.max(...counts) / 512);
            const values = sums.map((sum, i) => {
                const count = counts[Math.trunc(i / width)];
                return Math.fround(count > 0 ? sum / count : 1) * nCalls;
            });
            const bytes = Buffer.from(name);
            return [
                u32(bytes.length),
                bytes,
                u32(nCalls),
                u32(values.length),
                Buffer.from(values.buffer),
            ];
        }),
        ...[u32(nChunks), u32(Buffer.byteLength(datasets[0])), Buffer.from(datasets[0])],
    ]);
    return { gguf, legacy };
}

const sha256 = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");
const cases = [];

/** Runs llama-quantize; records the file's hash, or that it refused. `args` name files in `out`. */
function quantize(model, from, type, args = []) {
    const file = join(temp, "out.gguf");
    rmSync(file, { force: true });
    const source = join(temp, `${model}-${from}.gguf`);
    const run = spawnSync(tool("llama-quantize"), [...args, source, file, type, "2"], {
        cwd: out,
        encoding: "utf8",
    });
    const isRefused = run.status !== 0;
    cases.push({
        model,
        from,
        type,
        args,
        ...(isRefused ? { refused: true } : { sha256: sha256(file) }),
    });
    console.log(`${model} ${from} ${type} ${args.join(" ")}: ${isRefused ? "refused" : "ok"}`);
}

const splits = [];
function split(model, from, args) {
    const folder = join(temp, "split");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const source = join(temp, `${model}-${from}.gguf`);
    const run = spawnSync(tool("llama-gguf-split"), [...args, source, join(folder, "out")], {
        encoding: "utf8",
    });
    if (run.status !== 0) throw new Error(run.stderr);
    const files = readdirSync(folder)
        .sort()
        .map((name) => [name, sha256(join(folder, name))]);
    splits.push({ model, from, args, files });
    console.log(`split ${model} ${from} ${args.join(" ")}: ${files.length} files`);
}

for (const [model, folder] of Object.entries(MODELS)) {
    for (const from of ["f16", "bf16", "f32"]) {
        const file = join(temp, `${model}-${from}.gguf`);
        ingot(["convert", join(root, folder), "--type", from, "--via", from, "--out", file]);
    }
    for (const [from, type] of [
        ["q8_0", "Q8_0"],
        ["q4_k_m", "Q4_K_M"],
        ["q5_0", "Q5_0"],
        ["iq4_nl", "IQ4_NL"],
    ])
        execFileSync(
            tool("llama-quantize"),
            [join(temp, `${model}-f16.gguf`), join(temp, `${model}-${from}.gguf`), type, "2"],
            { stdio: "ignore" },
        );
    const { tensors } = JSON.parse(ingot(["inspect", join(temp, `${model}-f16.gguf`), "--json"]));
    const weights = tensors.filter(
        ({ name, shape }) => name.startsWith("blk.") && shape.length > 1,
    );
    const { gguf, legacy } = makeImatrix(weights, 5);
    writeFileSync(join(out, `${model}.gguf`), gguf);
    writeFileSync(join(out, `${model}.dat`), legacy);
}

const TYPES =
    "Q1_0 Q2_0 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q2_K_S Q3_K_S Q3_K_M Q3_K_L Q4_K_S Q4_K_M Q5_K_S Q5_K_M Q6_K IQ1_S IQ1_M IQ2_XXS IQ2_XS IQ2_S IQ2_M IQ3_XXS IQ3_XS IQ3_S IQ3_M IQ4_NL IQ4_XS TQ1_0 TQ2_0 MXFP4_MOE F32 F16 BF16".split(
        " ",
    );
for (const type of TYPES) quantize("starter", "f16", type, ["--imatrix", "starter.gguf"]);
for (const type of TYPES) quantize("starter", "bf16", type);
for (const type of ["Q4_K_M", "IQ3_S", "IQ2_XS"])
    quantize("starter", "bf16", type, ["--imatrix", "starter.dat"]);
for (const type of ["Q4_0", "Q4_K_M", "IQ4_NL", "Q5_1", "IQ3_XXS", "Q2_K_S"])
    quantize("experts", "f16", type, ["--imatrix", "experts.gguf"]);
for (const type of ["Q4_1", "Q5_K_M"])
    quantize("experts", "f32", type, ["--imatrix", "experts.dat"]);
quantize("untied", "f16", "Q4_K_M", ["--imatrix", "starter.gguf"]);
quantize("untied", "bf16", "IQ4_XS", ["--imatrix", "untied.gguf"]);
for (const model of ["starter", "untied"]) {
    for (const args of [
        ["--pure"],
        ["--leave-output-tensor"],
        ["--output-tensor-type", "q8_0"],
        ["--token-embedding-type", "q5_0"],
        ["--output-tensor-type", "f16", "--token-embedding-type", "bf16"],
        ["--tensor-type", "attn_V=q8_0", "--tensor-type", "ffn_down=q6_K"],
        ["--tensor-type", "blk\\.[0-1]\\.ffn_(up|gate)=iq4_nl", "--tensor-type", "ffn_up=q5_1"],
        ["--tensor-type", "token_embd=q4_0", "--tensor-type", "^output=q5_0"],
        ["--tensor-type", "=q8_0"],
        ["--pure", "--tensor-type", "attn_k=q8_0", "--leave-output-tensor"],
    ])
        for (const type of ["Q4_K_M", "Q5_0"]) quantize(model, "f16", type, args);
    quantize(model, "f16", "F32", ["--token-embedding-type", "q8_0"]);
    quantize(model, "f16", "F16", ["--tensor-type", "ffn_down=q8_0"]);
}
for (const from of ["q8_0", "q4_k_m", "q5_0", "iq4_nl"]) {
    for (const type of ["Q4_0", "Q8_0", "Q4_K_M", "F16", "COPY"]) {
        quantize("starter", from, type);
        quantize("starter", from, type, ["--allow-requantize"]);
    }
    quantize("experts", from, "Q4_K_M", ["--allow-requantize", "--imatrix", "experts.gguf"]);
}
quantize("starter", "f32", "Q6_K");
quantize("starter", "f16", "COPY");
quantize("untied", "bf16", "COPY");

for (const args of [
    ["--split-max-size", "1M"],
    ["--split-max-size", "3M"],
    ["--split-max-size", "1G"],
    ["--split-max-tensors", "7"],
    ["--split-max-tensors", "1"],
])
    for (const [model, from] of [
        ["starter", "q4_k_m"],
        ["untied", "bf16"],
        ["experts", "q5_0"],
    ])
        if (!(model !== "starter" && args[1] === "3M") && args[1] !== "1M")
            split(model, from, args);

writeFileSync(
    join(out, "golden.json"),
    `${JSON.stringify({ models: MODELS, cases, splits }, undefined, 1)}\n`,
);
rmSync(temp, { recursive: true, force: true });
