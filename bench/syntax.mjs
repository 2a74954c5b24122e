// `npm run bench -- syntax [--source DIR]... [--holes 100] [--seed 1] [--lost] [--json FILE] | --typing FILE`: what the rules of grammars and indentation make of
// text that is known to be right, and of text that is known to be wrong. Holes as in the quality bench. `kept`: the true text comes
// through stopping, trimming and the last look unchanged. The same in code that is broken elsewhere: not dropped. Wrong texts: dropped or cut.
// --lost prints what was not kept. --typing: a line of FILE is typed again, the rule asked at each key and the line checked as an answer. Needs no model. docs/measuring.md explains every figure.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cutHoles, KINDS, LANGUAGES, readSources } from "./quality/holes.mjs";
import { brokenAround, wrongTexts } from "./syntax/broken.mjs";
import { loadModules } from "./support/modules.mjs";
import { textTable } from "./typing/report.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const SOURCES = ["undici/lib", "eslint/lib", "mocha/lib", "@huggingface/hub/src"];
const MAX_LINES = 10;

const { values } = parseArgs({
    options: {
        source: { type: "string", multiple: true },
        holes: { type: "string", default: "100" },
        seed: { type: "string", default: "1" },
        typing: { type: "string" },
        lost: { type: "boolean", default: false },
        json: { type: "string" },
    },
});

const rules = await loadModules([
    "prompt/stop",
    "prompt/filters",
    "syntax/syntax",
    "syntax/languages",
    "node/grammars",
]);
const folder = join(modules, "@vscode", "tree-sitter-wasm", "wasm");
const log = { warn: console.error };
const syntax = new rules.TreeSyntax(new rules.FileGrammars(folder, log), {
    log,
    budgetMs: Infinity,
    now: () => performance.now(),
    later: setTimeout,
});
/** Milliseconds of each call, by the clock and of processor time (all threads of this process). */
const times = { rule: [], check: [] };

/** Which rule takes something off the true text; undefined: none. */
function lostTo({ languageId, before, truth, after, path }) {
    const place = { uri: path, languageId, prefix: before, suffix: after };
    const context = { ...place, maxLines: MAX_LINES, trigger: "automatic" };
    const rule = timed("rule", () => syntax.rule(place));
    // What follows is what the model goes on with: the text below, or what else comes to its mind.
    const written = `${truth}\n${after.split("\n").slice(1, 3).join("\n")}\n`;
    const stop = rules.findStop(written, { ...context, syntax: rule });
    if (stop && stop.length < truth.trimEnd().length) return "stop";
    const trimmed = rules.trimAnswer(truth, place);
    if (!("text" in trimmed) || trimmed.text.trimEnd() !== truth.trimEnd()) return "trim";
    const checked = timed("check", () => syntax.check(place, truth));
    if (!checked) return "no tree";
    if (checked.text !== truth) return checked.reason ?? "dropped";
    return undefined;
}

function timed(name, work) {
    const startMs = performance.now();
    const before = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(before);
    times[name].push({ wall: performance.now() - startMs, cpu: (user + system) / 1000 });
    return result;
}

function isDropped({ languageId, path }, { before, after }, text) {
    const checked = syntax.check({ uri: path, languageId, prefix: before, suffix: after }, text);
    return checked !== undefined && !("text" in checked);
}

function isChanged({ languageId, path, before, after }, text) {
    const checked = syntax.check({ uri: path, languageId, prefix: before, suffix: after }, text);
    return checked !== undefined && checked.text !== text;
}

/** `{ holes, kept, lost: { rule: n }, broken: [not dropped, all], wrong: { name: [found, all] } }` of holes of one kind. */
function measure(holes) {
    const result = { holes: holes.length, kept: 0, lost: {}, broken: [0, 0], wrong: {} };
    for (const hole of holes) {
        const rule = lostTo(hole);
        if (rule === undefined) result.kept++;
        else {
            result.lost[rule] = (result.lost[rule] ?? 0) + 1;
            if (values.lost)
                console.log(`${hole.path} ${hole.kind} ${rule}: ${JSON.stringify(hole.truth)}`);
        }
        for (const context of brokenAround(hole)) {
            result.broken[1]++;
            if (!isDropped(hole, context, hole.truth)) result.broken[0]++;
        }
        for (const [name, text] of Object.entries(wrongTexts(hole))) {
            result.wrong[name] ??= [0, 0];
            result.wrong[name][1]++;
            if (isChanged(hole, text)) result.wrong[name][0]++;
        }
    }
    return result;
}

function percentile(list, share) {
    const sorted = [...list].sort((a, b) => a - b);
    return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

function reportTimes(what) {
    for (const [name, list] of Object.entries(times)) {
        const of = (clock) =>
            [0.5, 0.95, 1]
                .map((share) =>
                    percentile(
                        list.map((ms) => ms[clock]),
                        share,
                    ).toFixed(2),
                )
                .join(", ");
        console.log(
            `${name}: p50, p95, max ms ${of("wall")} by the clock, ${of("cpu")} of processor time, n ${list.length} (${what})`,
        );
    }
}

/** Every fifth line of code of the middle third is deleted and typed again, key by key, in a document that is open already. */
async function typeAgain(file) {
    const languageId = LANGUAGES[extname(file)];
    if (!(await syntax.prepare(languageId))) throw new Error(`no grammar for ${file}`);
    const lines = readFileSync(file, "utf8").split("\n");
    for (let i = Math.floor(lines.length / 3); i < (lines.length * 2) / 3; i += 5) {
        const line = lines[i];
        const start = line.length - line.trimStart().length;
        const above = lines.slice(0, i).join("\n");
        const suffix = `\n${lines.slice(i + 1).join("\n")}`;
        const place = (column) => ({
            uri: file,
            languageId,
            prefix: `${above}\n${line.slice(0, column)}`,
            suffix,
        });
        syntax.rule(place(start));
        for (let column = start + 1; column < line.length; column++)
            timed("rule", () => syntax.rule(place(column)));
        const middle = Math.floor((start + line.length) / 2);
        syntax.rule(place(middle));
        timed("check", () => syntax.check(place(middle), line.slice(middle)));
    }
    reportTimes(`${basename(file)}, ${lines.length} lines`);
}

if (values.typing) {
    await typeAgain(values.typing);
    process.exit(0);
}
const sources = readSources(values.source ?? SOURCES.map((name) => join(modules, name)));
const languages = [...new Set(sources.map(({ languageId }) => languageId))].sort();
const result = {};
const rows = [{ label: "", cells: ["kept", "broken around", "wrong text found"] }];
for (const languageId of languages) {
    if (!(await syntax.prepare(languageId))) continue;
    const own = sources.filter((source) => source.languageId === languageId);
    const holes = cutHoles(own, Number(values.holes), Number(values.seed));
    for (const kind of KINDS) {
        const found = measure(holes.filter((hole) => hole.kind === kind));
        if (found.holes === 0) continue;
        result[languageId] = { ...result[languageId], [kind]: found };
        const lost = Object.entries(found.lost).map(([rule, n]) => ` ${rule} ${n}`);
        const wrong = Object.entries(found.wrong).map(([name, n]) => `${name} ${n.join("/")}`);
        const kept = `${found.kept}/${found.holes}${lost.join("")}`;
        rows.push({
            label: `${languageId} ${kind}`,
            cells: [kept, found.broken.join("/"), wrong.join(", ")],
        });
    }
}
console.log(textTable(rows));
reportTimes("another place each time");
if (values.json) writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
