// `npm run bench -- quality --model FILE [--layout append+,append,documented+,documented|default] [--holes N] [--seed N] [--source DIR]... [--tasks FILE.jsonl]
// [--peer llama-server [--peer-bin PATH]] [--engine NAME=COMMAND]... [--threads N] [--setting NAME=JSON]... [--json FILE]`: how often the rest of a
// line, or a block, comes back as it was. `+` is with token healing. Sources, when none are named: packages in node_modules, all MIT. The answers do not
// depend on the machine's speed. docs/measuring.md explains every figure.
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cutHoles, KINDS, readSources, taskHoles } from "./quality/holes.mjs";
import { judge, pair, sum } from "./quality/judge.mjs";
import { Engine } from "./typing/engine.mjs";
import { ENGINE_OPTIONS, enginesOf } from "./typing/engines.mjs";
import { textTable } from "./typing/report.mjs";

const SOURCES = [
    "undici/lib",
    "eslint/lib",
    "mocha/lib",
    "@huggingface/hub/src",
    "@huggingface/jinja/src",
];
const LAYOUTS = ["append", "documented"];
const ALL_LAYOUTS = "append+,append,documented+,documented";

const modules = fileURLToPath(new URL("../node_modules", import.meta.url));
const { values } = parseArgs({
    options: {
        ...ENGINE_OPTIONS,
        "peer-alternatives": { type: "string", default: "1" },
        layout: { type: "string" },
        holes: { type: "string", default: "25" },
        seed: { type: "string", default: "1" },
        source: { type: "string", multiple: true },
        tasks: { type: "string" },
    },
});

function readHoles() {
    const [nHoles, seed] = [values.holes, values.seed].map(Number);
    if (![nHoles, seed].every((n) => Number.isInteger(n) && n > 0))
        throw new Error("--holes and --seed take whole numbers from 1");
    if (values.tasks) return taskHoles(values.tasks, nHoles, seed);
    const folders = values.source ?? SOURCES.map((name) => join(modules, name));
    return cutHoles(readSources(folders), nHoles, seed);
}

/** Our engine once for each layout, and any other as it is, unless layouts are asked for. */
function candidates() {
    const engines = enginesOf(values);
    const asked = values.layout ?? (values.engine ? "default" : ALL_LAYOUTS);
    const nOurs = values.engine?.length ?? 1;
    const layouts = asked.split(",").flatMap((text) =>
        engines.slice(0, nOurs).map((engine) => {
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
    return [...layouts, ...engines.slice(nOurs)];
}

async function ask({ name, command, settings, layout }, holes) {
    const engine = new Engine(command);
    try {
        const ready = await engine.start({ model: values.model, settings, clock: "virtual" });
        if (layout && !ready.layouts?.includes(layout))
            throw new Error(
                `this engine cannot be asked for the layout ${layout}: its "ready" lists no such layout. ` +
                    "Use --layout default, or build a version that can",
            );
        const judgements = [];
        for (const [i, hole] of holes.entries()) {
            judgements.push(judge(hole, await answer(engine, hole, i + 1)));
            if ((i + 1) % 10 === 0) console.error(`${name}: ${i + 1} of ${holes.length}`);
        }
        return judgements;
    } finally {
        await engine.stop();
    }
}

/** Text for the hole, without what it repeats of the text after the cursor when it replaces that. */
async function answer(engine, { path, languageId, before, after }, id) {
    let result;
    engine.listener = (message) => {
        if (message.type === "result" && message.id === id) result = message;
    };
    const t = id * 60_000;
    const offset = before.length;
    engine.send({ type: "open", t, path, languageId, text: before + after, cursor: offset });
    engine.send({ type: "request", t, id, path, offset, trigger: "manual" });
    await engine.sync();
    if (!result) throw new Error(`the engine said that it was done without an answer to ${id}`);
    const [item] = result.items;
    return item?.text.slice(offset - item.start);
}

async function main() {
    const engines = candidates();
    const holes = readHoles();
    const answers = {};
    for (const engine of engines) answers[engine.name] = await ask(engine, holes);
    report(engines, holes, answers);
}

function report(engines, holes, answers) {
    const ofKind = (list, kind) => list.filter((_, i) => holes[i].kind === kind);
    const names = engines.map(({ name }) => name);
    const result = Object.fromEntries(
        names.map((name) => [
            name,
            Object.fromEntries(
                KINDS.map((kind) => {
                    const own = ofKind(answers[name], kind);
                    const first = ofKind(answers[names[0]], kind);
                    return [kind, { ...sum(own), againstFirst: pair(own, first) }];
                }),
            ),
        ]),
    );
    const row = (label, kind, field) => ({
        label: `${label} (${result[names[0]][kind].holes})`,
        cells: names.map((name) => {
            const value = result[name][kind][field];
            return value === null ? "-" : value.toFixed(3);
        }),
    });
    const against = (kind) => ({
        label: `  won, lost against ${names[0]}`,
        cells: names.map((name) => {
            const { won, lost } = result[name][kind].againstFirst;
            return `${won}, ${lost}`;
        }),
    });
    const rows = [
        { label: "exact", cells: names },
        ...[row("rest of a line, empty so far", "line", "line"), against("line")],
        ...[row("rest of a line, at a word", "word", "line"), against("word")],
        ...[row("rest of a line, inside a word", "inside", "line"), against("inside")],
        ...[row("block: its first line", "block", "line"), against("block")],
        row("block: all of it", "block", "whole"),
        row("block: no more lines than that", "block", "ended"),
    ];
    console.log(textTable(rows));
    const { seed, tasks, threads } = values;
    console.log(
        `\n${basename(values.model)}, greedy; seed ${seed}, ${threads ?? "default"} threads`,
    );
    if (!values.json) return;
    const summary = {
        bench: "quality",
        model: basename(values.model),
        ...{ seed: Number(seed), threads: threads ?? null },
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
