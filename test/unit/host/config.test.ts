/** Settings: bad values fall back, ranges hold, changes are announced with what they apply to. */

import { describe, expect, it } from "vitest";
import {
    languageSwitch,
    SETTING,
    Settings,
    type ConfigChange,
    type ConfigScope,
    type ConfigSource,
} from "../../../src/host/config";

class FakeSource implements ConfigSource {
    readonly values = new Map<string, unknown>();
    readonly overrides = new Map<string, unknown>();
    nReads = 0;
    private listener: ((affects: (key: string) => boolean) => void) | undefined;

    open(scope: ConfigScope | undefined) {
        this.nReads++;
        return (key: string) =>
            (scope && this.overrides.get(`${scope.languageId}/${key}`)) ?? this.values.get(key);
    }
    onDidChange(listener: (affects: (key: string) => boolean) => void) {
        this.listener = listener;
        return { dispose: () => (this.listener = undefined) };
    }
    set(key: string, value: unknown) {
        this.values.set(key, value);
        this.listener?.((candidate) => candidate === key);
    }
    get isWatched() {
        return this.listener !== undefined;
    }
}

describe("Settings", () => {
    it("takes defaults for missing values and for values of the wrong type", () => {
        const source = new FakeSource();
        source.values.set("completion.enable", "yes");
        source.values.set("completion.maxLines", "many");
        source.values.set("engine.gpuLayers", -3);
        source.values.set("completion.languages", [1]);
        const { current } = new Settings(source);
        expect(current.completionEnable).toBe(true);
        expect(current.completionMaxLines).toBe(SETTING.completionMaxLines.default);
        expect(current.engineGpuLayers).toBe("auto");
        expect(current.completionLanguages).toEqual({});
    });

    it("keeps numbers inside their range", () => {
        const source = new FakeSource();
        source.values.set("completion.maxLines", 1000);
        source.values.set("completion.debounceMs", -5);
        source.values.set("engine.contextTokens", 4096.4);
        source.values.set("engine.idleUnloadMinutes", 0.5);
        const { current } = new Settings(source);
        expect(current.completionMaxLines).toBe(50);
        expect(current.completionDebounceMs).toBe(0);
        expect(current.engineContextTokens).toBe(4096);
        expect(current.engineIdleUnloadMinutes).toBe(0.5);
    });

    it.each([
        ["auto", "auto"],
        ["max", "max"],
        [0, 0],
        ["24", 24],
        ["all", "auto"],
        [1.5, "auto"],
    ])("reads gpuLayers %j as %j", (value, expected) => {
        const source = new FakeSource();
        source.values.set("engine.gpuLayers", value);
        expect(new Settings(source).current.engineGpuLayers).toBe(expected);
    });

    it("reads once until something changes, and says what the change applies to", () => {
        const source = new FakeSource();
        const settings = new Settings(source);
        const changes: ConfigChange[] = [];
        settings.onDidChange((change) => changes.push(change));
        expect(settings.current).toBe(settings.current);
        expect(source.nReads).toBe(1);
        source.set("completion.debounceMs", 10);
        source.set("chat.model", "/m.gguf");
        source.set("somebody.else", 1);
        expect(changes.map(({ engine, keys }) => ({ engine, keys }))).toEqual([
            { engine: false, keys: ["completion.debounceMs"] },
            { engine: true, keys: ["chat.model"] },
        ]);
        expect(settings.current.chatModel).toBe("/m.gguf");
        settings.dispose();
        expect(source.isWatched).toBe(false);
    });

    it("lists what differs from the defaults", () => {
        const source = new FakeSource();
        source.values.set("engine.threads", 3);
        source.values.set("completion.languages", {});
        expect(new Settings(source).differing()).toEqual([
            { key: "ingot.engine.threads", value: 3 },
        ]);
    });

    it("reads language overrides for a scope only", () => {
        const source = new FakeSource();
        source.overrides.set("markdown/completion.enable", false);
        const settings = new Settings(source);
        expect(settings.current.completionEnable).toBe(true);
        expect(settings.for({ languageId: "markdown" }).completionEnable).toBe(false);
    });
});

describe("languageSwitch", () => {
    const source = new FakeSource();
    const at = (languages: unknown, enable = true) => {
        source.values.set("completion.languages", languages);
        source.values.set("completion.enable", enable);
        return new Settings(source).current;
    };
    it("lets the language's own entry win over the star", () => {
        expect(languageSwitch(at({ "*": false, python: true }), "python").on).toBe(true);
        expect(languageSwitch(at({ "*": false, python: true }), "go")).toEqual({
            on: false,
            by: "languages",
        });
        expect(languageSwitch(at({}, false), "python")).toEqual({ on: false, by: "enable" });
    });
});
