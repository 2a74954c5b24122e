// `npm run bench -- confidence --model FILE.gguf [--holes 20] [--threads 1] [--seed 1] [--json FILE]`: how often a token is right by the probability
// that the model gave it, as long as everything before it was right: for the first token of an answer and for later ones. The
// thresholds of src/prompt/confidence.ts are read off this. Holes as in the quality bench (rest of a line), prefix after the middle token,
// last token of the prefix healed. Models with Qwen's control tokens. CPU only.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadModel } from "./support/native.mjs";
import { cutHoles, readSources } from "./quality/holes.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
    options: {
        model: { type: "string" },
        holes: { type: "string", default: "20" },
        threads: { type: "string", default: "1" },
        seed: { type: "string", default: "1" },
        json: { type: "string" },
    },
});
if (!values.model) {
    console.error("usage: npm run bench -- confidence --model FILE.gguf");
    process.exit(2);
}
/** Characters of the windows: some 300 and 80 tokens. */
const BEFORE = 1000;
const AFTER = 300;
const MAX_TOKENS = 24;
const EDGES = [0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.0001];

const model = await loadModel(values.model);
const context = model.createContext({
    contextTokens: 2048,
    nSequences: 1,
    sliceTokens: 64,
    threads: Number(values.threads),
});

function promptOf({ before, after }) {
    const control = (text) => model.tokenize(text, { parseSpecial: true });
    const prefix = before.slice(-BEFORE);
    const tokens = model.tokenize(prefix);
    const last = model.piece(tokens.at(-1));
    const isHealed = last !== "" && prefix.endsWith(last);
    return {
        tokens: [
            ...control("<|fim_prefix|><|fim_suffix|>"),
            ...model.tokenize(after.slice(0, AFTER)),
            ...control("<|fim_middle|>"),
            ...(isHealed ? tokens.slice(0, -1) : tokens),
        ],
        forcedPrefix: isHealed ? last : "",
    };
}

/** `{ probability, isRight, isFirst }` of the tokens of an answer up to the first wrong one. */
async function judge(hole) {
    const { tokens, forcedPrefix } = promptOf(hole);
    const given = [];
    const task = context.generate(
        { sequence: 0, priority: 0, tokens, forcedPrefix, maxTokens: MAX_TOKENS, temperature: 0 },
        (chunk) =>
            chunk.tokens.forEach((token, i) =>
                given.push({ token, probability: chunk.probabilities[i] }),
            ),
    );
    await task.done;
    const expected = `${forcedPrefix}${hole.truth.split("\n")[0]}\n`;
    let text = "";
    const judged = [];
    for (const { token, probability } of given) {
        text += model.piece(token);
        if (text.length <= forcedPrefix.length) continue;
        const isRight = text.includes("\n") ? text.startsWith(expected) : expected.startsWith(text);
        judged.push({ probability, isRight, isFirst: judged.length === 0 });
        if (!isRight || text.includes("\n")) break;
    }
    return judged;
}

const folders = ["undici/lib", "eslint/lib", "mocha/lib", "@huggingface/jinja/dist"];
const sources = readSources(folders.map((folder) => join(root, "node_modules", folder)));
const holes = cutHoles(sources, Number(values.holes), Number(values.seed)).filter(
    ({ kind }) => kind !== "block",
);
const judged = [];
for (const hole of holes) judged.push(...(await judge(hole)));
await model.close();

function binsOf(tokens) {
    return EDGES.slice(0, -1).map((from, i) => {
        const inside = tokens.filter((t) => t.probability >= from && t.probability < EDGES[i + 1]);
        const nRight = inside.filter(({ isRight }) => isRight).length;
        return { from, n: inside.length, right: inside.length ? nRight / inside.length : null };
    });
}
const result = {
    bench: "confidence",
    model: model.info.description,
    holes: holes.length,
    first: binsOf(judged.filter(({ isFirst }) => isFirst)),
    later: binsOf(judged.filter(({ isFirst }) => !isFirst)),
};
for (const part of ["first", "later"])
    for (const { from, n, right } of result[part])
        console.log(part, `p >= ${from}`, n, right === null ? "-" : right.toFixed(2));
if (values.json) writeFileSync(values.json, JSON.stringify(result, undefined, 2));
