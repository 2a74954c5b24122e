// `npm run bench -- quality --model FILE [--layout append+,append,documented+,documented|default] [--holes N] [--seed N] [--source DIR]... [--tasks FILE.jsonl[.gz]]
// [--kinds NAME,...] [--silent [--thresholds 0,0.1,...] [--filters]] [--cross [--pieces 1024,256] [--each]] [--editor edit,diagnostic [--history DIR] [--each] [--reach]] [--known] [--peer llama-server [--peer-bin PATH]] [--engine NAME=COMMAND]... [--threads N] [--parallel N]
// [--setting NAME=JSON]... [--json FILE]`: how often the rest of a line, a block or a span comes back as it was, and no layout may lose against the documented one (exit code 1);
// with --tasks also how often the task's own test passes with the answer;
// with --silent, how often nothing is shown where nothing belongs, by the threshold of confidence, with --filters instead without each rule; with --cross, where a line uses what another file
// defines, without pieces of other files, with so many tokens of them, with --each also without each kind of them; with --editor, where something was just changed elsewhere or a compiler says something, with and without what an
// editor tells of that, with --reach only whether the names that are missing are among the pieces, for which no model is asked. `+` is with token healing. Sources, when none are
// named: packages in node_modules, all MIT. Answers do not depend on the machine's speed and are remembered in .cache/quality.
// docs/measuring.md explains every figure.
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { answersOf, hashOf } from "./quality/answers.mjs";
import { CROSS_KINDS, cutCross } from "./quality/crossFile.mjs";
import { editorCases, editorLabels, EDITOR_KINDS, shownNote } from "./quality/editor.mjs";
import { cutHoles, interleaved, KINDS, LINE_KINDS, readSources } from "./quality/holes.mjs";
import { judge } from "./quality/judge.mjs";
import { passesOf } from "./quality/pass.mjs";
import { chooser, reachReport } from "./quality/reach.mjs";
import { holeReport, silentReport } from "./quality/report.mjs";
import { cutSilent, SILENT_KINDS } from "./quality/silent.mjs";
import { readTasks, taskHoles, TASK_KINDS } from "./quality/tasks.mjs";
import { loadModules } from "./support/modules.mjs";
import { ENGINE_OPTIONS, enginesOf } from "./typing/engines.mjs";

const SOURCES = [
    "undici/lib",
    "eslint/lib",
    "mocha/lib",
    "@huggingface/hub/src",
    "@huggingface/jinja/src",
];
const LAYOUTS = ["append", "documented"];
const ALL_LAYOUTS = "append+,append,documented+,documented";
/** Of the prompt's windows, which would else depend on the machine's speed: the third of the product's four sizes. */
const WINDOW_TOKENS = 384;
/** Of an answer with --silent: a line has fewer. */
const SILENT_TOKENS = 32;
/** What pieces of other files an engine without an editor finds. */
const PIECE_KINDS = ["definition", "import", "visited", "related"];
/** Virtual time that llama.vscode's ring gets for the files that were looked at. */
const REST_MS = 40_000;

const root = fileURLToPath(new URL("..", import.meta.url));
/** Of answers and verdicts. */
const CACHE = join(root, ".cache", "quality");
const { values } = parseArgs({
    options: {
        ...ENGINE_OPTIONS,
        "peer-alternatives": { type: "string", default: "1" },
        layout: { type: "string" },
        holes: { type: "string", default: "25" },
        seed: { type: "string", default: "1" },
        source: { type: "string", multiple: true },
        tasks: { type: "string" },
        kinds: { type: "string" },
        silent: { type: "boolean", default: false },
        filters: { type: "boolean", default: false },
        thresholds: { type: "string", default: "0.2,0.3,0.5,0.7,0.9" },
        cross: { type: "boolean", default: false },
        pieces: { type: "string", default: "1024,256" },
        each: { type: "boolean", default: false },
        editor: { type: "string" },
        history: { type: "string" },
        reach: { type: "boolean", default: false },
        parallel: { type: "string", default: "1" },
        known: { type: "boolean", default: false },
    },
});

function numbers() {
    const [nHoles, seed, parallel] = [values.holes, values.seed, values.parallel].map(Number);
    if (![nHoles, seed, parallel].every((n) => Number.isInteger(n) && n > 0))
        throw new Error("--holes, --seed and --parallel take whole numbers from 1");
    return { nHoles, seed, parallel };
}

const folders = () => values.source ?? SOURCES.map((name) => join(root, "node_modules", name));
const sources = () => readSources(folders());

/** Cases that other files decide, asked for explicitly. */
function crossCases({ nHoles, seed }) {
    return interleaved(cutCross(folders(), nHoles, seed)).map((hole) => ({
        ...hole,
        trigger: "manual",
        settings: { maxLines: 1 },
    }));
}

const piecesAsked = () => values.pieces.split(",").map(Number);

/** What an editor knows: the cases say what is shown. */
function editorCasesOf({ nHoles, seed }) {
    const kinds = values.editor.split(",");
    if (!kinds.every((kind) => EDITOR_KINDS.includes(kind)))
        throw new Error(`--editor takes ${EDITOR_KINDS.join(", ")}, with commas between`);
    const [maxPieceTokens] = piecesAsked();
    const { history, each: isEach } = values;
    return editorCases({ kinds, nHoles, seed, maxPieceTokens, history, isEach });
}

function editorCandidates() {
    const ours = engines().slice(0, oursCount());
    return ours.map((engine) => ({
        ...engine,
        settings: { ...engine.settings, inspect: true },
        labels: editorLabels(values.each),
    }));
}

/** Ours without pieces of other files, with some, and with all kinds but one; others after a rest in which they read what was looked at. */
function crossCandidates() {
    const sizes = piecesAsked();
    if (!sizes.every((n) => Number.isInteger(n) && n >= 0))
        throw new Error("--pieces takes numbers of tokens");
    const [most] = sizes;
    const without = (kind) => [
        `no ${kind}`,
        { maxPieceTokens: most, kinds: PIECE_KINDS.filter((other) => other !== kind) },
    ];
    const named = [
        ["no context", { maxPieceTokens: 0 }],
        ...sizes.map((maxPieceTokens) => [`${maxPieceTokens}`, { maxPieceTokens }]),
        ...(values.each ? [["path only", { maxPieceTokens: 0, path: true }]] : []),
        ...(values.each ? PIECE_KINDS.map(without) : []),
    ];
    const variants = named.map(([, variant]) => variant);
    const labels = named.map(([label]) => label);
    return engines().map((engine, i) =>
        i < oursCount() ? { ...engine, variants, labels } : { ...engine, restMs: REST_MS },
    );
}

/** Cases of the comparison of layouts: asked for explicitly, so that nothing is held back. */
function holeCases({ nHoles, seed }) {
    const holes = values.tasks
        ? taskHoles(readTasks(values.tasks), nHoles, seed)
        : cutHoles(sources(), nHoles, seed);
    return interleaved(holes).map((hole) => ({
        ...hole,
        trigger: "manual",
        settings: LINE_KINDS.includes(hole.kind) ? { maxLines: 1 } : {},
    }));
}

/**
 * Stay-silent cases and, to show what silence costs, holes: as the editor asks by itself. Whether anything is shown is decided by the first words.
 */
function silentCases({ nHoles, seed }) {
    const files = sources();
    return interleaved([...cutSilent(files, nHoles, seed), ...cutHoles(files, nHoles, seed)]).map(
        (one) => ({
            ...one,
            trigger: "automatic",
            settings: { maxTokens: SILENT_TOKENS },
        }),
    );
}

const oursCount = () => values.engine?.length ?? 1;

function engines() {
    return enginesOf(values).map((engine, i) => {
        const own = { maxPrefixTokens: WINDOW_TOKENS, ...engine.settings };
        const asPeer = { ...engine.settings, speculates: false };
        return { ...engine, settings: i < oursCount() ? own : asPeer };
    });
}

/** Our engine once for each layout, and any other as it is, unless layouts are asked for. */
function layoutCandidates() {
    const all = engines();
    const asked = values.layout ?? (values.engine ? "default" : ALL_LAYOUTS);
    const nOurs = oursCount();
    const layouts = asked.split(",").flatMap((text) =>
        all.slice(0, nOurs).map((engine) => {
            const name = nOurs > 1 || values.engine ? `${engine.name} ${text}` : text;
            if (text === "default") return { ...engine, name };
            const layout = text.replace(/\+$/, "");
            if (!LAYOUTS.includes(layout))
                throw new Error(
                    `--layout takes default, ${LAYOUTS.join(", ")}, each also with a +`,
                );
            const settings = { ...engine.settings, layout, healing: text.endsWith("+") };
            return { ...engine, name, layout, settings };
        }),
    );
    return [...layouts, ...all.slice(nOurs)];
}

/** Ours with every threshold, or without each filter, others as they are. */
async function silentCandidates() {
    if (values.filters) {
        const { FILTER_NAMES: filters } = await loadModules(["prompt/filters"]);
        const labels = ["all", ...filters.map((name) => `no ${name}`)];
        return engines().map((engine, i) => {
            const settings = { ...engine.settings, inspect: true };
            return i < oursCount() ? { ...engine, settings, filters, labels } : engine;
        });
    }
    const thresholds = values.thresholds.split(",").map(Number);
    if (!thresholds.every((n) => n >= 0 && n <= 1))
        throw new Error("--thresholds takes numbers from 0 to 1");
    const variants = [{}, ...thresholds.map((minProbability) => ({ minProbability }))];
    return engines().map((engine, i) => (i < oursCount() ? { ...engine, variants } : engine));
}

/** `answers[candidate][case][variant]`; `parallel` engines at a time, each with its share of one candidate's cases. */
async function askAll(candidates, cases, parallel) {
    const { model } = values;
    const modelHash = await hashOf(model);
    const answers = candidates.map(() => []);
    let nNew = 0;
    const shares = candidates.flatMap((candidate, c) =>
        Array.from({ length: parallel }, (_, share) => ({ candidate, c, share })),
    );
    const work = async () => {
        for (let next = shares.shift(); next; next = shares.shift()) {
            const { candidate, c, share } = next;
            const own = cases.flatMap((_, i) => (i % parallel === share ? [i] : []));
            const asked = own.map((i) => cases[i]);
            const found = await answersOf({
                ...{ candidate, cases: asked, model, modelHash, folder: CACHE },
                isOffline: values.known,
            });
            own.forEach((i, k) => (answers[c][i] = found.answers[k]));
            nNew += found.nNew;
        }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    console.error(`${nNew} answers asked for, the others known`);
    return answers;
}

/** Those of the kinds asked for, in the same order. */
function ofKinds(cases, kinds) {
    const asked = values.kinds?.split(",") ?? kinds;
    if (asked.some((kind) => !kinds.includes(kind)))
        throw new Error(`--kinds takes of these, with commas between: ${kinds.join(", ")}`);
    return cases.filter(({ kind }) => asked.includes(kind));
}

/** Adds to the judgements of holes of tasks whether their tests pass; what there is to say about that. */
async function addPasses(columns, cases) {
    if (!cases.some(({ task }) => task)) return undefined;
    const texts = columns.map(({ texts }) => texts);
    const { passed, leftOut, notes } = await passesOf({ cases, texts, folder: CACHE });
    for (const [i, { judgements }] of columns.entries())
        judgements.forEach((judgement, c) => (judgement.passed = passed[i][c]));
    return { leftOut, notes };
}

function sourceNames() {
    const { tasks, editor, history = root, source = SOURCES } = values;
    if (editor !== undefined) return basename(history);
    return tasks ? basename(tasks) : source.map((name) => basename(name));
}

/** What is asked about. `kinds`: of the holes; `allKinds`: of everything. */
function modeOf() {
    if (values.editor !== undefined)
        return { candidatesOf: editorCandidates, casesOf: editorCasesOf, kinds: EDITOR_KINDS };
    if (values.cross)
        return { candidatesOf: crossCandidates, casesOf: crossCases, kinds: CROSS_KINDS };
    if (values.silent) {
        const allKinds = [...SILENT_KINDS, ...KINDS];
        return { candidatesOf: silentCandidates, casesOf: silentCases, kinds: KINDS, allKinds };
    }
    const kinds = values.tasks ? TASK_KINDS : KINDS;
    return { candidatesOf: layoutCandidates, casesOf: holeCases, kinds };
}

/** The cases' pieces against the names that their windows lack. */
async function tellReach({ nHoles, seed }) {
    const { model, each } = values;
    if (!model) throw new Error("--model names the GGUF file whose tokens are counted");
    const cases = await editorCasesOf({ nHoles, seed });
    const choose = await chooser(model, WINDOW_TOKENS);
    const labels = editorLabels(each);
    const sizes = piecesAsked();
    console.log(reachReport({ cases, labels, kinds: EDITOR_KINDS, sizes, choose }));
}

async function main() {
    const { nHoles, seed, parallel } = numbers();
    if (values.reach) return tellReach({ nHoles, seed });
    const { candidatesOf, casesOf, kinds, allKinds = kinds } = modeOf();
    const candidates = await candidatesOf();
    const wanted = ofKinds(await casesOf({ nHoles, seed }), allKinds);
    const all = await askAll(candidates, wanted, parallel);
    const isKnown = (i) => all.every((rows) => rows[i].every((answer) => answer !== undefined));
    const kept = wanted.flatMap((_, i) => (isKnown(i) ? [i] : []));
    if (kept.length === 0) throw new Error("nothing is known yet; run it without --known");
    const cases = kept.map((i) => wanted[i]);
    const answers = all.map((rows) => kept.map((i) => rows[i]));
    const columns = candidates.flatMap(({ name, variants = [{}], labels = [] }, i) =>
        Array.from({ length: Math.max(variants.length, labels.length) }, (_, v) => {
            const texts = cases.map((_, c) => answers[i][c][v].text);
            const judgements = cases.map((one, c) => judge(one, texts[c]));
            return {
                name: labels[v] ?? `${variants[v].minProbability ?? name}`,
                texts,
                judgements,
            };
        }),
    );
    const tests = await addPasses(columns, cases);
    const { text, result, isLost } = values.silent
        ? silentReport({ columns, cases, silentKinds: SILENT_KINDS, holeKinds: KINDS })
        : holeReport({ columns, cases, kinds });
    const shown = values.editor === undefined ? [] : shownNote(cases, answers[0]);
    console.log([text, ...(tests?.notes ?? []), ...shown].join("\n"));
    const { threads, silent } = values;
    console.log(
        `\n${basename(values.model)}, greedy; seed ${seed}, ${threads ?? "default"} threads`,
    );
    if (isLost) process.exitCode = 1;
    if (!values.json) return;
    const summary = {
        bench: "quality",
        model: basename(values.model),
        ...{ seed, silent, threads: threads ?? null, settings: candidates[0].settings },
        source: sourceNames(),
        ...(tests && { tests }),
        result,
    };
    writeFileSync(values.json, `${JSON.stringify(summary, undefined, 2)}\n`);
}

try {
    await main();
} catch (error) {
    console.error(`quality: ${error.message}`);
    process.exitCode = 1;
}
