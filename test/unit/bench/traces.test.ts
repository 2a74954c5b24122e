/** Two real traces, played with an engine that says nothing and with one that knows the text: counts only. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { virtualClock } from "../../../bench/typing/clock.mjs";
import { play } from "../../../bench/typing/driver.mjs";
import { metricsOf } from "../../../bench/typing/metrics.mjs";
import {
    prepare,
    readTrace,
    traceFiles,
    type Prepared,
    type Trace,
} from "../../../bench/typing/trace.mjs";
import { ScriptedEngine, type Sent } from "./scripted";

const FOLDER = join(import.meta.dirname, "..", "..", "support", "traces");
const USAGE = { cpuS: null, peakRssMb: null, machineBusyS: null, load: { start: 0, end: 0 } };
/** `places`: how often the user begins to type somewhere; the editor's closers are left with a move of the cursor. */
const COUNTS: Record<string, { requests: number; midKeys: number; places: number }> = {
    "js-balanced-pool": { requests: 273, midKeys: 259, places: 3 },
    "py-h11-readers": { requests: 354, midKeys: 348, places: 2 },
};
const traces = traceFiles(FOLDER).map((file) => readTrace(file));

/** What is left to type until the user goes elsewhere; undefined while a typo stands in the text. */
function restOf({ steps }: Prepared, { path, offset }: Sent, text: string): string | undefined {
    // Typing over a closer moves the cursor only.
    const at = steps.findIndex(
        ({ event, text: reached }) =>
            event.path === path && event.cursor === offset && reached === text,
    );
    let last = at;
    for (let i = at + 1; i < steps.length; i++) {
        const { type } = steps[i]!.event;
        if (type === "open" || type === "cursor") break;
        if (type === "change") last = i;
    }
    const { user = "", userCursor = 0 } = steps[at]!;
    const goal = steps[last]!.user!;
    const tail = user.slice(userCursor);
    if (!goal.startsWith(user.slice(0, userCursor)) || !goal.endsWith(tail)) return undefined;
    return goal.slice(userCursor, goal.length - tail.length);
}

function knowing(prepared: Prepared): ScriptedEngine {
    return new ScriptedEngine((request, text) => {
        const rest = restOf(prepared, request, text);
        return rest === undefined || rest === "" ? undefined : { text: rest };
    });
}

/** The texts after all events, from the trace's own account. */
function finalTexts({ trace, steps }: Prepared): Map<string, string> {
    const texts = new Map(trace.files.map(({ path, text }) => [path, text]));
    for (const { event, text } of steps) if (text !== undefined) texts.set(event.path, text);
    return texts;
}

describe("a trace", () => {
    it.each(traces)("$trace.name leads to its source", ({ trace, steps }) => {
        expect(steps.filter(({ text }) => text !== undefined)).toHaveLength(
            trace.stats!.keystrokes,
        );
    });

    it("is refused when it does not", () => {
        const [file] = traceFiles(FOLDER);
        const read = () => JSON.parse(readFileSync(file!, "utf8")) as Trace;
        const other = read();
        const typo = other.events.find(({ cause }) => cause === "type")!;
        typo.edits![0]!.text = "Q";
        expect(() => prepare(other)).toThrow("differs");
        const outside = read();
        const last = outside.events.findLast(({ type }) => type === "change")!;
        outside.events.push({ ...last, t: 1e6, edits: [{ start: 0, end: 0, text: "Q" }] });
        expect(() => prepare(outside)).toThrow("outside of its holes");
        expect(() => prepare({ ...read(), format: "typing-trace/2" })).toThrow("typing-trace/1");
    });
});

describe.each(traces)("$trace.name", (prepared) => {
    const counts = COUNTS[prepared.trace.name]!;

    it("asks at every keystroke that is not typed over within 50 ms", async () => {
        const engine = new ScriptedEngine(() => undefined);
        const record = await play(prepared, engine, virtualClock());
        const metrics = metricsOf(record, USAGE, { isTimed: false });
        expect(metrics.requests + metrics.superseded).toBe(prepared.trace.stats!.keystrokes);
        expect(metrics.requests).toBe(counts.requests);
        expect(metrics.quality.midKeys).toBe(counts.midKeys);
        for (const [path, text] of engine.documents)
            expect(text).toBe(finalTexts(prepared).get(path));
    });

    it("an engine that knows the text is always right", async () => {
        const record = await play(prepared, knowing(prepared), virtualClock());
        const metrics = metricsOf(record, USAGE, { isTimed: false });
        expect(metrics.quality.emLine).toBe(1);
        expect(metrics.flicker).toBe(0);
        expect(metrics.carried).toBeGreaterThan(0.9);
    });

    it("is typed in one acceptance a place when the text is known", async () => {
        const engine = knowing(prepared);
        const record = await play(prepared, engine, virtualClock(), { accept: "full-line-match" });
        const { accepted, keys } = metricsOf(record, USAGE, { isTimed: false });
        expect(accepted.count).toBe(counts.places);
        expect(keys + accepted.keysSaved).toBe(prepared.trace.stats!.keystrokes);
        expect(keys).toBeLessThan(20);
        for (const [path, text] of engine.documents)
            expect(text).toBe(finalTexts(prepared).get(path));
    });
});
