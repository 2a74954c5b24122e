/** Snoozing, quiet mode and the battery: what a session is told, and when it ends. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Battery, isOnBattery } from "../../../src/host/battery";
import { Settings, type ConfigSource } from "../../../src/host/config";
import { Modes } from "../../../src/host/modes";
import { modeSilence } from "../../../src/host/status";

const PLACE = { languageId: "typescript" };

function setUp(values: Record<string, unknown> = {}, isUsed = false) {
    const watched: boolean[] = [];
    const source: ConfigSource = {
        open: () => (key) => values[key],
        onDidChange: () => ({ dispose: () => undefined }),
    };
    let nowMs = 1_000_000;
    const modes = new Modes(
        new Settings(source),
        {
            inUse: isUsed,
            watch: (isWanted) => watched.push(isWanted),
            onDidChange: () => ({ dispose: () => undefined }),
        },
        ({ path }) => path.slice("/project/".length),
        () => nowMs,
    );
    return { modes, watched, pass: (ms: number) => (nowMs += ms) };
}

afterEach(() => vi.useRealTimers());

describe("Modes", () => {
    it("gives a session the settings of a place", () => {
        const { modes } = setUp({ "completion.maxLines": 1, "completion.debounceMs": 7 });
        expect(modes.for(PLACE)).toEqual({
            enabled: true,
            excluded: false,
            snoozed: false,
            onDemand: undefined,
            languages: {},
            maxLines: 1,
            maxTokens: 48,
            debounceMs: 7,
        });
    });

    it("tells of a file that the person has excluded, by its path in its folder", () => {
        const patterns = { "**/secrets/**": true, "made.ts": false };
        const { modes } = setUp({ "context.exclude": patterns });
        const isExcluded = (path: string) => modes.for({ ...PLACE, uri: { path } }).excluded;
        expect(isExcluded("/project/a/secrets/b.ts")).toBe(true);
        expect(isExcluded("/project/secrets/b.ts")).toBe(true);
        expect(isExcluded("/project/made.ts")).toBe(false);
        expect(isExcluded("/project/a.ts")).toBe(false);
    });

    it("snoozes for a while, says when it begins and ends, and can be woken", () => {
        vi.useFakeTimers();
        const { modes, pass } = setUp();
        let nChanges = 0;
        modes.onDidChange(() => nChanges++);
        modes.snooze(5);
        expect(modes.for(PLACE).snoozed).toBe(true);
        expect(modes.snoozedUntilMs).toBe(1_000_000 + 300_000);
        pass(300_000);
        vi.advanceTimersByTime(300_000);
        expect(modes.for(PLACE).snoozed).toBe(false);
        expect(nChanges).toBe(2);
        modes.snooze(5);
        modes.snooze(0);
        expect(modes.for(PLACE).snoozed).toBe(false);
        modes.dispose();
        expect(vi.getTimerCount()).toBe(0);
    });

    it("is quiet by the setting, and on the battery where that is wanted", () => {
        expect(setUp({ "completion.quiet": true }).modes.for(PLACE).onDemand).toBe("quiet");
        const saver = { "completion.quietOnBattery": true };
        expect(setUp(saver, true).modes.for(PLACE).onDemand).toBe("on-battery");
        expect(setUp(saver, false).modes.for(PLACE).onDemand).toBeUndefined();
        expect(setUp({}, true).modes.for(PLACE).onDemand).toBeUndefined();
        expect(setUp(saver).watched).toEqual([true]);
        expect(setUp().watched).toEqual([false]);
    });
});

describe("modeSilence", () => {
    it("says how each is ended", () => {
        const command = (reason: Parameters<typeof modeSilence>[0]) =>
            modeSilence(reason, 0)?.mend?.command;
        expect(command("snoozed")).toBe("ingot.endSnooze");
        expect(command("quiet")).toBe("ingot.toggleQuiet");
        expect(command("on-battery")).toBe("ingot.suggestOnBattery");
        expect(modeSilence("disabled", undefined)).toBeUndefined();
    });
});

describe("the battery", () => {
    const supplies = async (files: Record<string, Record<string, string>>) => {
        const folder = mkdtempSync(join(tmpdir(), "ingot-power-"));
        try {
            for (const [name, values] of Object.entries(files)) {
                mkdirSync(join(folder, name));
                for (const [file, text] of Object.entries(values))
                    writeFileSync(join(folder, name, file), `${text}\n`);
            }
            return await isOnBattery(folder);
        } finally {
            rmSync(folder, { recursive: true, force: true });
        }
    };
    const BAT0 = { type: "Battery", status: "Discharging" };

    it.each([
        ["no supplies", {}, false],
        ["a battery in use", { AC: { type: "Mains", online: "0" }, BAT0 }, true],
        ["a battery and the mains", { AC: { type: "Mains", online: "1" }, BAT0 }, false],
        ["a battery that is charged", { BAT0: { ...BAT0, status: "Charging" } }, false],
        ["a mouse", { hid: { ...BAT0, scope: "Device" } }, false],
    ])("%s", async (_, files, expected) => {
        expect(await supplies(files as Record<string, Record<string, string>>)).toBe(expected);
    });

    it("nor is a folder that is not there", async () => {
        expect(await isOnBattery("/nowhere/at/all")).toBe(false);
    });

    it("is looked at while somebody wants to know", async () => {
        vi.useFakeTimers();
        let nLooks = 0;
        let isUsed = true;
        const battery = new Battery(() => Promise.resolve(++nLooks > 0 && isUsed));
        const seen: boolean[] = [];
        battery.onDidChange(() => seen.push(battery.inUse));
        battery.watch(true);
        battery.watch(true);
        await vi.advanceTimersByTimeAsync(60_000);
        expect([nLooks, seen]).toEqual([2, [true]]);
        isUsed = false;
        await vi.advanceTimersByTimeAsync(60_000);
        expect(seen).toEqual([true, false]);
        battery.watch(false);
        await vi.advanceTimersByTimeAsync(600_000);
        expect(nLooks).toBe(3);
    });
});
