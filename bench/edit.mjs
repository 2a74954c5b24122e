// `npm run bench -- edit --model FILE.gguf [--rounds 3] [--threads 0] [--show] [--json FILE]`: what an edit costs with drafts from the edited lines and
// without, in turn. Each task of bench/edit/tasks.mjs goes the way of `Ingot: Edit Selection` (src/host/edit/editRun.ts) to the engine of dist/;
// the editor is a list of lines. Steps: calls of the model that generate, each of one token and what of its draft was right. Seconds are
// the median of the rounds. --show prints each result.
import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { TASKS } from "./edit/tasks.mjs";
import { median, round } from "./support/measure.mjs";
import { loadModules } from "./support/modules.mjs";
import { textTable } from "./typing/report.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
    options: {
        model: { type: "string" },
        rounds: { type: "string", default: "3" },
        threads: { type: "string", default: "0" },
        show: { type: "boolean", default: false },
        json: { type: "string" },
    },
});
if (!values.model) {
    console.error("usage: npm run bench -- edit --model FILE.gguf");
    process.exit(2);
}

/** No edit takes so long, ms. */
const LIMIT_MS = 300_000;

/** The build hash that the engine says hello with. */
function buildOf(path) {
    return new Promise((done, fail) => {
        const child = fork(path, [], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
        child.once("error", fail);
        child.once("exit", () => fail(new Error("dist is not built; run npm run build first")));
        child.once("message", ({ build: hash }) => {
            done(hash);
            child.kill("SIGKILL");
        });
    });
}

const { runEdit, ReviewSession, EngineClient, silentLog } = await loadModules([
    "host/edit/editRun",
    "host/edit/reviewSession",
    "node/engineClient",
    "base/log",
]);
const entry = join(root, "dist/engine.mjs");
const spec = { path: resolve(values.model), gpuLayers: 0, contextTokens: 8192 };
const home = mkdtempSync(join(tmpdir(), "ingot-bench-edit-"));
const client = new EngineClient({
    entry,
    build: await buildOf(entry),
    log: silentLog,
    config: { chat: spec, idleUnloadMs: 0, threads: Number(values.threads) || undefined },
    env: { INGOT_HOME: home },
});

async function edit([path, languageId, first, last, instruction], { drafts }) {
    const lines = readFileSync(join(root, path), "utf8").split("\n");
    const range = { start: first - 1, end: last };
    let text = lines;
    const session = new ReviewSession(
        {
            lines: () => text,
            async replace({ start, end, lines: now }) {
                const changes = [
                    {
                        startLine: 0,
                        startCharacter: 0,
                        endLine: text.length - 1,
                        endCharacter: text.at(-1).length,
                        text: "",
                    },
                ];
                text = [...text.slice(0, start), ...now, ...text.slice(end)];
                session.documentChanged(changes, "edit");
                return true;
            },
            undo: async () => false,
        },
        range,
    );
    let result;
    const outcome = await runEdit({
        source: {
            async chat({ draftFrom, ...request }, options) {
                const asked = drafts ? { ...request, draftFrom } : request;
                result = await client.request("chat", asked, options);
                return result;
            },
        },
        session,
        log: silentLog,
        lines,
        range,
        path,
        languageId,
        instruction,
        unit: "    ",
        contextTokens: spec.contextTokens,
        onProgress: () => undefined,
        signal: AbortSignal.timeout(LIMIT_MS),
    });
    const { pending } = session;
    await session.acceptAll();
    return { outcome, pending, text: text.join("\n"), answer: result.text, result };
}

const rows = [];
for (const task of TASKS) {
    const runs = { with: [], without: [] };
    for (let i = 0; i < Number(values.rounds); i++) {
        runs.without.push(await edit(task, { drafts: false }));
        runs.with.push(await edit(task, { drafts: true }));
    }
    const [plain] = runs.without;
    const steps = ({ result: { tokens } }) => tokens.generated - (tokens.accepted ?? 0);
    const seconds = (list) => median(list.map(({ result }) => result.timings.generateMs / 1000));
    rows.push({
        task: `${task[0].split("/").at(-1)} ${task[2]}-${task[3]}`,
        outcome: plain.outcome.kind,
        changed: plain.pending.reduce(
            (sum, { added, gone }) => sum + Math.max(added.length, gone.length),
            0,
        ),
        tokens: plain.result.tokens.generated,
        stepsWithout: steps(plain),
        stepsWith: median(runs.with.map(steps)),
        secondsWithout: round(seconds(runs.without)),
        secondsWith: round(seconds(runs.with)),
        same: runs.with.filter(({ answer }) => answer === plain.answer).length,
    });
    if (!values.show) continue;
    console.log(`\n${task.join(" ")}`);
    for (const { gone, added } of plain.pending)
        console.log([...gone.map((l) => `- ${l}`), ...added.map((l) => `+ ${l}`)].join("\n"));
}
await client.dispose();
rmSync(home, { recursive: true, force: true });

const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
const total = {
    tokens: sum("tokens"),
    stepsWithout: sum("stepsWithout"),
    stepsWith: sum("stepsWith"),
    secondsWithout: round(sum("secondsWithout")),
    secondsWith: round(sum("secondsWith")),
};
const cellsOf = (row) => Object.values(row).map(String);
console.log(
    textTable([
        {
            label: "task",
            cells: ["outcome", "changed", "tokens", "steps", "with", "s", "with", "same"],
        },
        ...rows.map(({ task, ...row }) => ({ label: task, cells: cellsOf(row) })),
        { label: "all", cells: ["", "", ...cellsOf(total), ""] },
    ]),
);
console.log(
    `${round(total.stepsWithout / total.stepsWith)}x fewer steps, ${round(total.secondsWithout / total.secondsWith)}x faster; load ${round(loadavg()[0])}`,
);
if (values.json) writeFileSync(values.json, JSON.stringify({ rows, total }, undefined, 4));
