// `npm run bench -- soak --model FILE [--hours 2] [--speed 10] [--trace DIR|FILE] [--threads N] [--json FILE]`: one engine is typed at for
// hours, the traces over and over at several times their speed, and its memory, its answers and what was left unanswered are watched.
// Memory is that of all its processes after each round, the first rounds (filling of caches) apart.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fasterClock } from "./typing/clock.mjs";
import { play } from "./typing/driver.mjs";
import { Engine } from "./typing/engine.mjs";
import { ENGINE_OPTIONS, enginesOf } from "./typing/engines.mjs";
import { readTrace, traceFiles } from "./typing/trace.mjs";
import { residentMb } from "./typing/usage.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
    options: {
        ...ENGINE_OPTIONS,
        trace: { type: "string", default: join(root, "test", "support", "traces") },
        hours: { type: "string", default: "2" },
        speed: { type: "string", default: "10" },
    },
});

/** Every question has exactly one answer, also when it was cancelled, and nothing else is answered. */
function judge(record) {
    const asked = new Set(record.requests.map(({ id }) => id));
    const counts = new Map();
    for (const id of record.results) counts.set(id, (counts.get(id) ?? 0) + 1);
    return {
        requests: asked.size,
        unanswered: [...asked].filter((id) => !counts.has(id)).length,
        answeredTwice: [...counts.values()].filter((n) => n > 1).length,
        unasked: [...counts.keys()].filter((id) => !asked.has(id)).length,
    };
}

async function main() {
    const [{ command, settings }] = enginesOf(values);
    const traces = traceFiles(values.trace).map(readTrace);
    const engine = new Engine(command);
    const rounds = [];
    try {
        await engine.start({ model: values.model, settings, clock: "real" });
        let typedMs = 0;
        while (typedMs < Number(values.hours) * 3_600_000) {
            const total = { requests: 0, unanswered: 0, answeredTwice: 0, unasked: 0 };
            for (const prepared of traces) {
                const record = await play(prepared, engine, fasterClock(Number(values.speed)));
                typedMs += record.durationMs;
                for (const [name, n] of Object.entries(judge(record))) total[name] += n;
            }
            rounds.push({ typedMs, residentMb: residentMb(engine.pid), ...total });
            console.error(JSON.stringify(rounds.at(-1)));
        }
    } finally {
        await engine.stop();
    }
    report(rounds);
}

function report(rounds) {
    const warm = rounds.slice(Math.min(2, rounds.length - 1)).map((round) => round.residentMb);
    const sum = (name) => rounds.reduce((total, round) => total + round[name], 0);
    const result = {
        bench: "soak",
        hoursTyped: rounds.at(-1).typedMs / 3_600_000,
        rounds: rounds.length,
        requests: sum("requests"),
        unanswered: sum("unanswered"),
        answeredTwice: sum("answeredTwice"),
        unasked: sum("unasked"),
        residentMb: { first: warm[0], last: warm.at(-1), most: Math.max(...warm) },
        growth: warm.at(-1) / warm[0] - 1,
    };
    console.log(JSON.stringify(result, undefined, 2));
    if (values.json) writeFileSync(values.json, `${JSON.stringify({ ...result, all: rounds })}\n`);
}

try {
    await main();
} catch (error) {
    console.error(`soak: ${error.message}`);
    process.exitCode = 1;
}
