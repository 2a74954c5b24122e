/** The driver of the typing bench as an editor: what it asks and when, what stays on screen, stops, acceptances. */

import { describe, expect, it } from "vitest";
import { virtualClock } from "../../../bench/typing/clock.mjs";
import { play } from "../../../bench/typing/driver.mjs";
import { metricsOf } from "../../../bench/typing/metrics.mjs";
import { ScriptedEngine, SteppedClock, typed, type Answer, type Sent } from "./scripted";

const USAGE = { cpuS: 2, peakRssMb: 100, machineBusyS: 3, load: { start: 0, end: 0 } };

/** The rest of a line that is known in advance. */
function knows(line: string, afterMs?: number) {
    return ({ offset = 0 }: Sent): Answer => ({
        text: line.slice(offset),
        source: offset === 1 ? "model" : "cache",
        ...(afterMs !== undefined && { afterMs }),
    });
}

const abcdef = (gapMs: number) =>
    typed(
        "",
        [..."abcdef"].map((key, i) => [1000 + i * gapMs, key]),
    );

describe("requests", () => {
    it("asks 50 ms after a change, and not at all when another change comes first", async () => {
        const engine = new ScriptedEngine(() => undefined);
        const trace = typed("", [
            [1000, "a"],
            [1030, "b"],
            [1200, "c"],
        ]);
        const record = await play(trace, engine, virtualClock());
        expect(engine.of("request").map(({ t, offset }) => [t, offset])).toEqual([
            [1080, 2],
            [1250, 3],
        ]);
        expect(engine.of("cancel").map(({ id }) => id)).toEqual([1]);
        const metrics = metricsOf(record, USAGE, { isTimed: false });
        expect(metrics).toMatchObject({
            keys: 3,
            requests: 2,
            answered: 2,
            superseded: 1,
            empty: 2,
        });
        expect(metrics.cpuSPer100Keys).toBeNull();
    });

    it("cancels before it sends the change, and ignores the answer that comes too late", async () => {
        const clock = new SteppedClock();
        const engine = new ScriptedEngine(knows("abcdef", 300), clock);
        const record = await play(abcdef(200), engine, clock);
        const order = engine.sent.map(({ type }) => type).slice(0, 6);
        expect(order).toEqual(["open", "change", "request", "cancel", "change", "request"]);
        expect(record.keys.map(({ ghostMs }) => ghostMs)).toEqual(Array(6).fill(undefined));
        const metrics = metricsOf(record, USAGE, { isTimed: true });
        // The last one is answered, because nothing follows: with nothing to add.
        expect(metrics).toMatchObject({ requests: 6, answered: 1, superseded: 5, empty: 1 });
        expect(metrics.visible["1000"]).toBe(0);
        expect(metrics.latency).toBeNull();
        expect(metrics.allKeys).toEqual({ p50: null, p90: null, p95: null });
    });

    it("cancels and hides when the cursor moves, and asks nothing", async () => {
        const trace = abcdef(200);
        const move = { t: 1010, type: "cursor" as const, path: "a.ts", cursor: 0 };
        trace.steps.splice(2, 0, { event: move });
        const engine = new ScriptedEngine(knows("abcdef"));
        const record = await play(trace, engine, virtualClock());
        const { keys } = record;
        expect(metricsOf(record, USAGE, { isTimed: false }).superseded).toBe(1);
        expect(engine.sent.map(({ type }) => type).slice(0, 5)).toEqual([
            ...["open", "change", "cancel", "cursor", "change"],
        ]);
        expect(keys.map(({ carried }) => carried)).toEqual([false, false, true, true, true, false]);
    });
});

describe("ghost text", () => {
    it("is timed from the change, and stays while what is typed agrees", async () => {
        const clock = new SteppedClock();
        const engine = new ScriptedEngine(knows("abcdef", 60), clock);
        const record = await play(abcdef(200), engine, clock);
        expect(record.keys.map(({ ghostMs }) => ghostMs)).toEqual([
            110,
            ...Array<undefined>(5).fill(undefined),
        ]);
        const metrics = metricsOf(record, USAGE, { isTimed: true });
        expect(metrics.latency).toEqual({ p50: 110, p90: 110, p95: 110 });
        // Five of six have it at once or still; at the last nothing is left.
        expect(metrics.visible).toEqual({
            "100": 4 / 6,
            "250": 5 / 6,
            "500": 5 / 6,
            "1000": 5 / 6,
        });
        expect(metrics.carried).toBe(4 / 6);
        expect(metrics.flicker).toBe(0);
        expect(metrics.typeThrough).toEqual({ p50: 60, p95: 60 });
        expect(metrics.quality).toEqual({ midKeys: 5, judged: 5, emLine: 1, emPerMidKey: 1 });
        expect(metrics.cpuSPer100Keys).toBeCloseTo(200 / 6);
    });

    it("counts what the next answer changes or takes away", async () => {
        const answers = ["bcdef", "cdXX", undefined, "ef", "f", undefined];
        const engine = new ScriptedEngine(({ offset = 0 }) => {
            const text = answers[offset - 1];
            return text === undefined ? undefined : { text };
        });
        const { keys } = await play(abcdef(200), engine, virtualClock());
        expect(keys.map(({ carried }) => carried)).toEqual([false, true, true, false, true, false]);
        expect(keys.map(({ flicker }) => flicker)).toEqual([
            false,
            true,
            true,
            false,
            false,
            false,
        ]);
        expect(keys.map(({ isExact }) => isExact)).toEqual([true, false, false, true, true, false]);
    });

    it("must be on the cursor's line", async () => {
        const engine = new ScriptedEngine(({ offset = 0 }) => ({ text: "x", end: offset + 2 }));
        const trace = typed("", [[100, "a"]], "b\nc");
        await expect(play(trace, engine, virtualClock())).rejects.toThrow("request 1");
    });
});

describe("stops", () => {
    it("wait for the answer, and later events move back", async () => {
        const clock = new SteppedClock();
        const engine = new ScriptedEngine(knows("abcdef", 700), clock);
        const record = await play(abcdef(100), engine, clock, { stops: 3 });
        const times = engine.of("change").map(({ t }) => t);
        expect(times).toEqual([1000, 1100, 1200, 1950, 2050, 2150]);
        const { stops } = metricsOf(record, USAGE, { isTimed: true });
        expect(stops).toMatchObject({ keys: 2, shownShare: 0.5, em: 1 });
        expect(stops?.shown).toEqual({ p50: 750, p90: 750, p95: 750 });
        expect(stops?.answered).toEqual({ p50: 750, p90: 750, p95: 750 });
    });

    it("last 10 s at most", async () => {
        const clock = new SteppedClock();
        const engine = new ScriptedEngine(knows("abcdef", 60_000), clock);
        await play(abcdef(100), engine, clock, { stops: 3 });
        expect(engine.of("change").map(({ t }) => t)).toEqual([
            ...[1000, 1100, 1200, 11200, 11300, 11400],
        ]);
        // Nobody waits longer after the last one either.
        expect(engine.of("cancel").at(-1)).toMatchObject({ t: 21400, id: 6 });
    });
});

describe("acceptance", () => {
    it("comes when a line is right and was read, and skips what it typed", async () => {
        const clock = new SteppedClock();
        const engine = new ScriptedEngine(knows("abcdef", 10), clock);
        const record = await play(abcdef(100), engine, clock, { accept: "full-line-match" });
        // On screen from 1060 on: read at 1360, before the key of 1400.
        expect(engine.of("accept")).toEqual([{ type: "accept", t: 1360, id: 4, text: "ef" }]);
        const last = engine.of("change").at(-1);
        expect(last).toMatchObject({ t: 1360, cause: "accept", cursor: 6 });
        expect(engine.documents.get("a.ts")).toBe("abcdef");
        expect(engine.of("request")).toHaveLength(5);
        const { accepted, keys } = metricsOf(record, USAGE, { isTimed: true });
        expect(keys).toBe(4);
        expect(accepted).toEqual({
            ...{ count: 1, characters: 2, keptCharacters: 2, keptShare: 1 },
            ...{ keysSaved: 2, keysSavedShare: 2 / 6 },
        });
    });

    it("does not come for a line that differs at its end", async () => {
        const engine = new ScriptedEngine(knows("abcdeX"));
        const { accepts } = await play(abcdef(400), engine, virtualClock(), {
            accept: "full-line-match",
        });
        expect(accepts).toEqual([]);
    });

    it("takes as many lines as are right, and goes on 200 ms later at least", async () => {
        const trace = typed("{", [
            [1000, "\n"],
            [2000, "a"],
            [2100, "\n"],
            [2200, "b"],
            [2300, "\n"],
            [2400, "c"],
        ]);
        const engine = new ScriptedEngine(({ offset }) =>
            offset === 2 ? { text: "a\nb\nX" } : undefined,
        );
        const record = await play(trace, engine, virtualClock(), { accept: "full-line-match" });
        expect(record.accepts).toEqual([{ characters: 3, keys: 3, lines: 2 }]);
        expect(engine.of("change").map(({ t }) => t)).toEqual([1000, 1350, 1550, 1650]);
        expect(engine.documents.get("a.ts")).toBe("{\na\nb\nc");
    });
});
