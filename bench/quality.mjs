// `npm run bench -- quality --model FILE [--layout append+,append,documented+,documented|default] [--holes N] [--seed N] [--source DIR]... [--tasks FILE.jsonl[.gz]]
// [--silent [--thresholds 0,0.1,...]] [--peer llama-server [--peer-bin PATH]] [--engine NAME=COMMAND]... [--threads N] [--parallel N] [--setting NAME=JSON]...
// [--json FILE]`: how often the rest of a line, a block or a span comes back as it was, and no layout may lose against the documented one (exit code 1);
// with --silent, how often nothing is shown where nothing belongs, by the threshold of confidence. `+` is with token healing. Sources, when none are
// named: packages in node_modules, all MIT. Answers do not depend on the machine's speed and are remembered in .cache/quality.
// docs/measuring.md explains every figure.
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { answersOf, hashOf } from "./quality/answers.mjs";
import { cutHoles, KINDS, LINE_KINDS, readSources } from "./quality/holes.mjs";
import { judge } from "./quality/judge.mjs";
import { holeReport, silentReport } from "./quality/report.mjs";
import { cutSilent, SILENT_KINDS } from "./quality/silent.mjs";
import { readTasks, taskHoles, TASK_KINDS } from "./quality/tasks.mjs";
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

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
    options: {
        ...ENGINE_OPTIONS,
        "peer-alternatives": { type: "string", default: "1" },
        layout: { type: "string" },
        holes: { type: "string", default: "25" },
        seed: { type: "string", default: "1" },
        source: { type: "string", multiple: true },
        tasks: { type: "string" },
        silent: { type: "boolean", default: false },
        thresholds: { type: "string", default: "0,0.05,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9" },
        parallel: { type: "string", default: "1" },
    },
});

function numbers() {
    const [nHoles, seed, parallel] = [values.holes, values.seed, values.parallel].map(Number);
    if (![nHoles, seed, parallel].every((n) => Number.isInteger(n) && n > 0))
        throw new Error("--holes, --seed and --parallel take whole numbers from 1");
    return { nHoles, seed, parallel };
}

const sources = () =>
    readSources(values.source ?? SOURCES.map((name) => join(root, "node_modules", name)));

/** Cases of the comparison of layouts: asked for explicitly, so that nothing is held back. */
function holeCases({ nHoles, seed }) {
    const holes = values.tasks
        ? taskHoles(readTasks(values.tasks), nHoles, seed)
        : cutHoles(sources(), nHoles, seed);
    return holes.map((hole) => ({
        ...hole,
        trigger: "manual",
        settings: LINE_KINDS.includes(hole.kind) ? { maxLines: 1 } : {},
    }));
}

/** Stay-silent cases and, to show what silence costs, holes: as the editor asks by itself. */
function silentCases({ nHoles, seed }) {
    const files = sources();
    return [...cutSilent(files, nHoles, seed), ...cutHoles(files, nHoles, seed)].map((one) => ({
        ...one,
        trigger: "automatic",
    }));
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

/** Ours with every threshold, others as they are. */
function silentCandidates() {
    const thresholds = values.thresholds.split(",").map(Number);
    if (!thresholds.every((n) => n >= 0 && n <= 1))
        throw new Error("--thresholds takes numbers from 0 to 1");
    const variants = [{}, ...thresholds.map((minProbability) => ({ minProbability }))];
    return engines().map((engine, i) => (i < oursCount() ? { ...engine, variants } : engine));
}

/** The answers of every candidate, some candidates at a time. */
async function askAll(candidates, cases, parallel) {
    const modelHash = await hashOf(values.model);
    const folder = join(root, ".cache", "quality");
    const results = [];
    let next = 0;
    const work = async () => {
        while (next < candidates.length) {
            const i = next++;
            const candidate = candidates[i];
            const { model } = values;
            results[i] = await answersOf({ candidate, cases, model, modelHash, folder });
        }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    const nNew = results.reduce((sum, one) => sum + one.nNew, 0);
    console.error(`${nNew} answers asked for, the others known`);
    return results.map(({ answers }) => answers);
}

async function main() {
    const { nHoles, seed, parallel } = numbers();
    const candidates = values.silent ? silentCandidates() : layoutCandidates();
    const cases = values.silent ? silentCases({ nHoles, seed }) : holeCases({ nHoles, seed });
    const answers = await askAll(candidates, cases, parallel);
    const columns = candidates.flatMap(({ name, variants = [{}] }, i) =>
        variants.map(({ minProbability }, v) => ({
            name: minProbability === undefined ? name : `${minProbability}`,
            judgements: cases.map((one, c) => judge(one, answers[i][c][v].text)),
            answers: cases.map((_, c) => answers[i][c][v]),
        })),
    );
    const kinds = values.tasks ? TASK_KINDS : KINDS;
    const { text, result, isLost } = values.silent
        ? silentReport({ columns, cases, silentKinds: SILENT_KINDS, holeKinds: KINDS })
        : holeReport({ columns, cases, kinds });
    console.log(text);
    const { tasks, threads, silent } = values;
    console.log(
        `\n${basename(values.model)}, greedy; seed ${seed}, ${threads ?? "default"} threads`,
    );
    if (isLost) process.exitCode = 1;
    if (!values.json) return;
    const summary = {
        bench: "quality",
        model: basename(values.model),
        ...{ seed, silent, threads: threads ?? null, settings: candidates[0].settings },
        source: tasks ? basename(tasks) : (values.source ?? SOURCES).map((name) => basename(name)),
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
