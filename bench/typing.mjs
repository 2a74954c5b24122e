// `npm run bench -- typing --model FILE [--trace DIR|FILE] [--mode real|settled] [--stops N] [--accept never|full-line-match]
// [--peer llama-server [--peer-bin PATH] [--peer-alternatives 1,3]] [--engine NAME=COMMAND]... [--threads N] [--setting NAME=JSON]...
// [--without PART|NAME=JSON]... [--limit-events N] [--runs N] [--json FILE]`: replays recorded typing against completion engines and tells what a person at the keyboard would
// have seen. Engines take turns on every trace, a new process each time. docs/measuring.md explains every figure.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { realClock, virtualClock } from "./typing/clock.mjs";
import { play } from "./typing/driver.mjs";
import { Engine } from "./typing/engine.mjs";
import { ENGINE_OPTIONS, enginesOf } from "./typing/engines.mjs";
import { medianOf, metricsOf } from "./typing/metrics.mjs";
import { table } from "./typing/report.mjs";
import { readTrace, traceFiles } from "./typing/trace.mjs";
import { machineUsage, usageOf } from "./typing/usage.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
    options: {
        ...ENGINE_OPTIONS,
        trace: { type: "string", default: join(root, "test", "support", "traces") },
        mode: { type: "string", default: "real" },
        stops: { type: "string", default: "0" },
        accept: { type: "string", default: "never" },
        "limit-events": { type: "string" },
        runs: { type: "string", default: "1" },
    },
});

function choices() {
    if (!["real", "settled"].includes(values.mode)) throw new Error("--mode is real or settled");
    if (!["never", "full-line-match"].includes(values.accept))
        throw new Error("--accept is never or full-line-match");
    const numbers = [values.stops, values.runs, values["limit-events"] ?? "1"].map(Number);
    if (!numbers.every((number) => Number.isInteger(number) && number >= 0))
        throw new Error("--stops, --runs and --limit-events take whole numbers");
    return { engines: enginesOf(values), traces: traceFiles(values.trace).map(readTrace) };
}

async function run(prepared, { command, settings }) {
    const isTimed = values.mode === "real";
    const engine = new Engine(command);
    try {
        const ready = await engine.start({
            model: values.model,
            settings,
            clock: isTimed ? "real" : "virtual",
        });
        const machine = machineUsage();
        const before = usageOf(engine.pid);
        const record = await play(prepared, engine, isTimed ? realClock() : virtualClock(), {
            accept: values.accept,
            stops: isTimed ? Number(values.stops) : 0,
        });
        const after = usageOf(engine.pid);
        const machineAfter = machineUsage();
        const usage = {
            cpuS: after.cpuS === null ? null : after.cpuS - before.cpuS,
            peakRssMb: after.peakRssMb,
            machineBusyS: machine.busyS === null ? null : machineAfter.busyS - machine.busyS,
            load: { start: machine.load, end: machineAfter.load },
        };
        return { ready, metrics: metricsOf(record, usage, { isTimed }) };
    } finally {
        await engine.stop();
    }
}

async function main() {
    const { engines, traces } = choices();
    const limit = Number(values["limit-events"] ?? Infinity);
    const results = [];
    for (let round = 0; round < Number(values.runs); round++) {
        for (const [i, { trace, steps }] of traces.entries()) {
            // Who goes first changes from trace to trace.
            const order = (i + round) % 2 === 0 ? engines : [...engines].reverse();
            for (const engine of order) {
                console.error(`${trace.name}: ${engine.name}`);
                const outcome = await run({ trace, steps: steps.slice(0, limit) }, engine);
                results.push({ trace: trace.name, engine: engine.name, ...outcome });
            }
        }
    }
    report(engines, traces, results);
}

function report(engines, traces, results) {
    const median = Object.fromEntries(
        engines.map(({ name }) => {
            const own = results.filter(({ engine }) => engine === name);
            return [name, medianOf(own.map(({ metrics }) => metrics))];
        }),
    );
    const machine = { cpu: cpus()[0]?.model.trim(), cores: cpus().length };
    const { mode, accept, stops, threads, runs } = values;
    const loads = results.flatMap(({ metrics }) => Object.values(metrics.load));
    console.log(table(median));
    const load = `load ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`;
    console.log(
        `\nMedian of ${traces.length} traces, ${mode}; ${basename(values.model)}; ${machine.cpu}, ` +
            `${machine.cores} cores, ${threads ?? "default"} threads; ${load}`,
    );
    if (!values.json) return;
    const result = {
        bench: "typing",
        model: basename(values.model),
        ...{ mode, accept, stops: Number(stops), threads: threads ?? null, runs: Number(runs) },
        machine,
        traces: traces.map(({ trace }) => ({ name: trace.name, source: trace.source })),
        median,
        results,
    };
    writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
}

try {
    await main();
} catch (error) {
    console.error(`typing: ${error.message}`);
    process.exitCode = 1;
}
