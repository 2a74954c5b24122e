// `npm run bench -- replay FILE|DIR --model FILE [--expect-same] [--limit-events N] [--threads N] [--engine NAME=COMMAND] [--json FILE]`: asks
// again what was recorded, through the same session as in the editor, and shows then and now. Takes moments (`Ingot: Record This
// Moment...`) and traces of typing (test/support/traces). Exit code 1 when an outcome is left unexplained, or with --expect-same when a
// moment ends otherwise than it did. Times are not compared.
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { replayMoment, settingsOf } from "./replay/moment.mjs";
import { gapsOf, recorder } from "./replay/recorder.mjs";
import { virtualClock } from "./typing/clock.mjs";
import { play } from "./typing/driver.mjs";
import { Engine } from "./typing/engine.mjs";
import { ENGINE_OPTIONS, enginesOf } from "./typing/engines.mjs";
import { prepare, traceFiles } from "./typing/trace.mjs";

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        ...ENGINE_OPTIONS,
        "expect-same": { type: "boolean", default: false },
        "limit-events": { type: "string" },
    },
});

async function withEngine(settings, work) {
    const [engine] = enginesOf(values);
    const child = new Engine(engine.command);
    try {
        const all = { ...settings, ...engine.settings };
        await child.start({ model: values.model, settings: all, clock: "virtual" });
        return await work(child);
    } finally {
        await child.stop();
    }
}

async function replayTrace(json) {
    const { trace, steps } = prepare(json);
    const own = steps.slice(0, Number(values["limit-events"] ?? Infinity));
    return withEngine({ inspect: true }, async (engine) => {
        const recording = recorder(engine);
        await play({ trace, steps: own }, recording, virtualClock());
        const { results } = recording;
        const unexplained = results.flatMap((result) =>
            gapsOf(result).map((gap) => ({ id: result.id, gap })),
        );
        return {
            seconds: (own.at(-1)?.event.t ?? 0) / 1000,
            requests: results.length,
            outcomes: countsOf(results),
            unexplained,
            results,
        };
    });
}

/** How many of each, most frequent first. */
function countsOf(results) {
    const counts = new Map();
    for (const { record, words, stage } of results) {
        const source = record?.outcome.source;
        const key = source === "model" ? "Suggested" : [words, stage].join(" ").trim();
        counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1]));
}

async function replay(file) {
    const json = JSON.parse(readFileSync(file, "utf8"));
    const name = basename(file);
    if (json.format === "ingot-moment/1") {
        const moment = await withEngine(settingsOf(json), (engine) => replayMoment(json, engine));
        return { name, moment };
    }
    return { name, trace: await replayTrace(json) };
}

function printMoment(name, { then, now, isSame, samePrompt, sameModel }) {
    const told = ({ outcome, stage, text, tokens }) =>
        [
            outcome + (stage ? ` (${stage})` : ""),
            text === null ? undefined : JSON.stringify(text),
            tokens &&
                `${tokens.prompt + tokens.reused} tokens of prompt, ${tokens.generated} generated`,
        ]
            .filter(Boolean)
            .join("; ");
    console.log(`${name}: ${isSame ? "the same" : "DIFFERENT"}`);
    console.log(`  then  ${told(then)}`);
    console.log(`  now   ${told(now)}`);
    if (samePrompt === false) console.log("  the prompt differs");
    if (sameModel === false) console.log("  the model is another one");
}

function printTrace(name, { seconds, requests, outcomes, unexplained }) {
    console.log(`${name}: ${requests} requests in ${seconds.toFixed(0)} s of typing`);
    for (const [words, n] of Object.entries(outcomes)) console.log(`  ${n} x ${words}`);
    for (const { id, gap } of unexplained) console.log(`  UNEXPLAINED: request ${id}: ${gap}`);
}

async function main() {
    if (positionals.length === 0) throw new Error("name a moment, a trace, or a folder of them");
    const replayed = [];
    for (const file of positionals.flatMap((path) => traceFiles(path))) {
        const one = await replay(file);
        replayed.push(one);
        if (one.moment) printMoment(one.name, one.moment);
        else printTrace(one.name, one.trace);
    }
    const moments = replayed.flatMap(({ moment }) => moment ?? []);
    const traces = replayed.flatMap(({ trace }) => trace ?? []);
    const nDifferent = moments.filter(({ isSame }) => !isSame).length;
    const nRequests = traces.reduce((sum, { requests }) => sum + requests, 0);
    const nUnexplained = traces.reduce((sum, { unexplained }) => sum + unexplained.length, 0);
    const total = traces.reduce((sum, { seconds }) => sum + seconds, 0);
    if (moments.length > 0) console.log(`${moments.length} moments, ${nDifferent} different`);
    if (traces.length > 0)
        console.log(
            `${nRequests} requests in ${total.toFixed(0)} s of typing, ${nUnexplained} unexplained`,
        );
    if (values.json)
        writeFileSync(
            values.json,
            `${JSON.stringify({ bench: "replay", model: basename(values.model), replayed }, undefined, 2)}\n`,
        );
    const isWrong = nUnexplained > 0 || (values["expect-same"] && nDifferent > 0);
    process.exitCode = isWrong ? 1 : 0;
}

try {
    await main();
} catch (error) {
    console.error(`replay: ${error.message}`);
    process.exitCode = 2;
}
