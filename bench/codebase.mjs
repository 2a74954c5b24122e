// `npm run bench -- codebase [--folder DIR]... [--questions 200] [--missed] [--embeddings GGUF] [--json FILE]`: the index behind #codebase. Per folder (default: eslint
// and undici of node_modules as one workspace, then src/, then sources that nothing was tuned on): time to make it in its process, size on the disk, memory, time to read it again, time of a
// question; then how often what a comment describes is among the first five, with those comments left out of the index, beside counting
// the lines with the question's words as ripgrep does, over the same pieces. docs/measuring.md explains every figure.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openEmbeddings } from "./codebase/embeddings.mjs";
import { chooseTargets, targetsIn, withoutComments } from "./codebase/questions.mjs";
import { loadModules } from "./support/modules.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
    options: {
        folder: { type: "string", multiple: true },
        questions: { type: "string", default: "200" },
        embeddings: { type: "string" },
        missed: { type: "boolean", default: false },
        json: { type: "string" },
    },
});
const modules = await loadModules([
    "codebase/pieces",
    "codebase/words",
    "context/sourceText",
    "indexer/indexer",
    "indexer/textIndex",
    "node/grammars",
    "syntax/languages",
    "syntax/syntax",
]);
const log = { warn: console.error };
const grammars = join(root, "node_modules", "@vscode", "tree-sitter-wasm", "wasm");
const outliner = new modules.TreeSyntax(new modules.FileGrammars(grammars, log), {
    log,
    budgetMs: Infinity,
    now: () => performance.now(),
    later: setTimeout,
});
const TOP = 5;
const embeddings = values.embeddings && (await openEmbeddings(values.embeddings));

function filesOf(folder) {
    const found = [];
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory() && !["node_modules", ".git", "build"].includes(entry.name))
            found.push(...filesOf(path));
        else if (entry.isFile()) found.push(path);
    }
    return found;
}

const workspaces = values.folder
    ? values.folder.map((folder) => ({ name: folder, folders: [folder] }))
    : [
          {
              name: "eslint + undici",
              folders: ["eslint", "undici"].map((name) => join(root, "node_modules", name)),
          },
          { name: "src", folders: [join(root, "src")] },
          {
              name: "held out: mocha + native",
              folders: [join(root, "node_modules", "mocha"), join(root, "native")],
          },
      ];

/** In this process, so that its memory can be told; the child adds only the channel. */
async function measure(files) {
    const folder = mkdtempSync(join(tmpdir(), "ingot-codebase-"));
    const signal = new AbortController().signal;
    const make = () => new modules.Indexer({ build: "bench", outliner, log });
    const timed = async (work) => {
        const beginMs = performance.now();
        const result = await work();
        return { ms: performance.now() - beginMs, result };
    };
    try {
        globalThis.gc?.();
        const before = process.memoryUsage().heapUsed;
        const first = make();
        await first.open(folder);
        const { ms: indexMs, result: state } = await timed(() => first.sync(files, { signal }));
        globalThis.gc?.();
        const heapBytes = process.memoryUsage().heapUsed - before;
        const { ms: saveMs } = await timed(() => first.save());
        const bytes = statSync(join(folder, "index.bin")).size;
        const second = make();
        const { ms: openMs } = await timed(() => second.open(folder));
        const { ms: againMs, result: again } = await timed(() => second.sync(files, { signal }));
        return { ...state, indexMs, heapBytes, saveMs, bytes, openMs, againMs, again: again.nRead };
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

async function readAll(files) {
    const sources = [];
    for (const { path, name } of files) {
        const bytes = readFileSync(path);
        const lines = modules.isMadeByTools(path) ? undefined : modules.decodeSource(bytes);
        if (!lines) continue;
        const languageId = modules.languageOf(path);
        const symbols = await outliner.outline({ languageId, text: lines.join("\n") });
        sources.push({ path, name, languageId, lines, symbols });
    }
    return sources;
}

async function recall(files, n) {
    const sources = await readAll(files);
    const all = sources.flatMap(({ path, lines, symbols }) =>
        targetsIn(path, lines, symbols ?? []),
    );
    const targets = chooseTargets(all, n);
    const index = new modules.TextIndex();
    const pieces = [];
    const texts = [];
    for (const { path, name, languageId, lines, symbols } of sources) {
        const own = targets.filter((target) => target.path === path);
        const left = withoutComments(lines, own);
        const found = modules.piecesOf({ languageId, lines: left, symbols }, 500);
        index.set(path, name, { mtimeMs: 0, size: 0, hash: path }, found);
        texts.push(...found.map((piece) => modules.pieceText(name, piece)));
        for (const { first, last } of found)
            pieces.push({
                path,
                first,
                last,
                lines: left.slice(first, last + 1).map((line) => line.toLowerCase()),
            });
    }
    const embedded = await embeddings?.add(texts);
    const rows = { bm25: [], lines: [], ...(embeddings && { both: [] }) };
    const times = [];
    const bothTimes = [];
    for (const target of targets) {
        const beginMs = performance.now();
        const hits = index.search(target.question, TOP);
        times.push(performance.now() - beginMs);
        rows.bm25.push(rankOf(target, hits));
        rows.lines.push(rankOf(target, byLines(target.question, pieces)));
        if (embeddings) {
            const question = await embeddings.question(target.question);
            const againMs = performance.now();
            const both = index.search(target.question, TOP, {
                vectors: embeddings.vectors,
                question,
            });
            bothTimes.push(performance.now() - againMs);
            rows.both.push(rankOf(target, both));
        }
        if (values.missed && rows.bm25.at(-1).symbol === undefined)
            console.log(
                `${target.question} -> ${relative(root, target.path)} ${target.name}; found ${hits.map(({ name, symbol }) => `${name} ${symbol}`).join(", ")}`,
            );
    }
    return {
        nQuestions: targets.length,
        ofCommented: all.length,
        embedded,
        found: Object.fromEntries(
            Object.entries(rows).map(([key, ranks]) => [key, summary(ranks)]),
        ),
        queryMs: spreadOf(times),
        bothMs: embeddings && spreadOf(bothTimes),
    };
}

function spreadOf(times) {
    times.sort((a, b) => a - b);
    const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
    return { p50: at(0.5), p95: at(0.95), max: times.at(-1) };
}

/** The words of a question that are no small words, as a person would give them to ripgrep; pieces by the lines that hold one, then by how many of the words. */
function byLines(question, pieces) {
    const words = [...new Set(question.toLowerCase().match(/[\p{L}\p{N}_$]+/gu) ?? [])].filter(
        (word) => word.length > 2 && !modules.isSmallWord(word),
    );
    const counted = pieces.map(({ path, first, last, lines }) => ({
        path,
        first,
        last,
        n: lines.filter((line) => words.some((word) => line.includes(word))).length,
    }));
    return counted.sort((a, b) => b.n - a.n).slice(0, TOP);
}

/** Where the symbol and where its file is among what was found, from 1. */
function rankOf({ path, first, last }, hits) {
    const symbol = hits.findIndex(
        (hit) =>
            hit.path === path &&
            hit.first <= last &&
            hit.last >= first &&
            hit.last - hit.first <= 3 * (last - first + 4),
    );
    const file = hits.findIndex((hit) => hit.path === path);
    return { symbol: symbol < 0 ? undefined : symbol + 1, file: file < 0 ? undefined : file + 1 };
}

function summary(rows) {
    const share = (key, most) =>
        rows.filter((row) => row[key] !== undefined && row[key] <= most).length / rows.length;
    return { first: share("symbol", 1), top: share("symbol", TOP), fileTop: share("file", TOP) };
}

const milliseconds = ({ p50, p95, max }) =>
    `${p50.toFixed(1)} ms (p50), ${p95.toFixed(1)} ms (p95), ${max.toFixed(1)} ms (max)`;
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const results = [];
for (const { name, folders } of workspaces) {
    const files = folders.flatMap((folder) =>
        filesOf(folder).map((path) => ({
            path,
            name: relative(join(folder, ".."), path).replaceAll("\\", "/"),
        })),
    );
    const size = await measure(files);
    console.log(
        `${name}: ${files.length} files, ${size.nPieces} pieces; made in ${(size.indexMs / 1000).toFixed(1)} s, written in ${size.saveMs.toFixed(0)} ms (${(size.bytes / 1e6).toFixed(1)} MB), heap ${(size.heapBytes / 1e6).toFixed(0)} MB; read in ${size.openMs.toFixed(0)} ms, looked through again in ${size.againMs.toFixed(0)} ms (${size.again} read)`,
    );
    const recalled = await recall(files, Number(values.questions));
    for (const [key, { first, top, fileTop }] of Object.entries(recalled.found))
        console.log(
            `  ${key.padEnd(6)} first ${percent(first)}, among ${TOP} ${percent(top)}, its file among ${TOP} ${percent(fileTop)}`,
        );
    const { embedded, nQuestions, ofCommented, queryMs, bothMs } = recalled;
    console.log(
        `  ${nQuestions} questions of ${ofCommented} commented symbols; a question takes ${milliseconds(queryMs)}`,
    );
    if (embedded)
        console.log(
            `  with ${embeddings.name}: ${embedded.n} pieces embedded now, ${(embedded.ms / Math.max(1, embedded.n)).toFixed(0)} ms each; a question takes ${milliseconds(bothMs)} beside its own embedding`,
        );
    results.push({ name, nFiles: files.length, ...size, ...recalled });
}
await embeddings?.close();
if (values.json) writeFileSync(values.json, JSON.stringify(results, undefined, 1));
