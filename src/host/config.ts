/**
 * The settings: one table (key, type, default, range, what a change applies to), an immutable snapshot, a change event.
 * Nothing else reads settings; the engine and the worker get values, never keys. Free of vscode: the source is passed in,
 * so the table can be compared with package.json in a plain test.
 */

import { Emitter, type Event } from "../base/event";
import { DisposableStore, type Disposable } from "../base/lifecycle";
import { DEFAULT_CONTEXT_TOKENS } from "../library/memory";
import type { GpuLayers } from "../protocol/engine";

/** `now`: read at every use. `engine`: sent to the engine. */
export type Applies = "now" | "engine";

export interface Setting<T> {
    /** Without the leading `ingot.`. */
    key: string;
    default: T;
    applies: Applies;
    minimum?: number;
    maximum?: number;
    /** The value if it can be used, else undefined (then the default holds). */
    read(value: unknown): T | undefined;
}

const flag = (key: string, byDefault: boolean): Setting<boolean> => ({
    key,
    default: byDefault,
    applies: "now",
    read: (value) => (typeof value === "boolean" ? value : undefined),
});

const number = (
    key: string,
    byDefault: number,
    range: { minimum: number; maximum: number; applies: Applies; whole?: boolean },
): Setting<number> => ({
    key,
    default: byDefault,
    applies: range.applies,
    minimum: range.minimum,
    maximum: range.maximum,
    read: (value) => {
        if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
        const kept = Math.min(range.maximum, Math.max(range.minimum, value));
        return range.whole === false ? kept : Math.round(kept);
    },
});

const text = (key: string, byDefault: string, applies: Applies): Setting<string> => ({
    key,
    default: byDefault,
    applies,
    read: (value) => (typeof value === "string" ? value.trim() : undefined),
});

function readSwitches(value: unknown): Record<string, boolean> | undefined {
    if (typeof value !== "object" || value === null) return undefined;
    const entries = Object.entries(value).filter((entry): entry is [string, boolean] => {
        return typeof entry[1] === "boolean";
    });
    return Object.fromEntries(entries);
}

function readTexts(value: unknown): string[] | undefined {
    if (!Array.isArray(value)) return undefined;
    return value.filter((one): one is string => typeof one === "string" && one.trim() !== "");
}

function readGpuLayers(value: unknown): GpuLayers | undefined {
    if (value === "auto" || value === "max") return value;
    const count = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
    return typeof count === "number" && Number.isInteger(count) && count >= 0 ? count : undefined;
}

export const SETTING = {
    completionEnable: flag("completion.enable", true),
    completionLanguages: {
        key: "completion.languages",
        default: {},
        applies: "now",
        read: readSwitches,
    } as Setting<Readonly<Record<string, boolean>>>,
    completionMaxLines: number("completion.maxLines", 8, {
        minimum: 1,
        maximum: 50,
        applies: "now",
    }),
    completionDebounceMs: number("completion.debounceMs", 0, {
        minimum: 0,
        maximum: 2000,
        applies: "now",
    }),
    completionQuiet: flag("completion.quiet", false),
    completionQuietOnBattery: flag("completion.quietOnBattery", false),
    completionModel: text("completion.model", "", "engine"),
    contextEnable: flag("context.enable", true),
    contextExclude: {
        key: "context.exclude",
        default: {},
        applies: "now",
        read: readSwitches,
    } as Setting<Readonly<Record<string, boolean>>>,
    contextClipboard: flag("context.clipboard", false),
    chatModel: text("chat.model", "", "engine"),
    engineGpuLayers: {
        key: "engine.gpuLayers",
        default: "auto",
        applies: "engine",
        minimum: 0,
        read: readGpuLayers,
    } as Setting<GpuLayers>,
    engineContextTokens: number("engine.contextTokens", DEFAULT_CONTEXT_TOKENS, {
        minimum: 256,
        maximum: 1048576,
        applies: "engine",
    }),
    engineIdleUnloadMinutes: number("engine.idleUnloadMinutes", 15, {
        minimum: 0,
        maximum: 1440,
        applies: "engine",
        whole: false,
    }),
    engineThreads: number("engine.threads", 0, { minimum: 0, maximum: 256, applies: "engine" }),
    libraryFolder: text("library.folder", "", "now"),
    librarySearchFolders: {
        key: "library.searchFolders",
        default: [],
        applies: "now",
        read: readTexts,
    } as Setting<readonly string[]>,
    hubEndpoint: text("hub.endpoint", "", "now"),
} as const;

type SettingName = keyof typeof SETTING;
type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** All values at one moment. */
export type Config = { readonly [K in SettingName]: ValueOf<(typeof SETTING)[K]> };

/** Where a value is read for: settings can differ by language and by folder. */
export interface ConfigScope {
    languageId: string;
    /** Opaque to this file: a vscode.Uri in the extension. */
    uri?: unknown;
}

export interface ConfigSource {
    /** Reads one moment's values; keys without the leading `ingot.`. */
    open(scope: ConfigScope | undefined): (key: string) => unknown;
    /** Fires with a test: does the change touch this key? */
    onDidChange(listener: (affects: (key: string) => boolean) => void): Disposable;
}

export interface ConfigChange {
    config: Config;
    /** True when a setting with `applies: "engine"` changed. */
    engine: boolean;
    keys: string[];
}

/** Reads the settings; `current` is kept until a change. */
export class Settings implements Disposable {
    private readonly store = new DisposableStore();
    private readonly changed = this.store.add(new Emitter<ConfigChange>());
    readonly onDidChange: Event<ConfigChange> = this.changed.event;
    private snapshot: Config | undefined;

    constructor(private readonly source: ConfigSource) {
        this.store.add(source.onDidChange((affects) => this.change(affects)));
    }

    get current(): Config {
        return (this.snapshot ??= readConfig(this.source, undefined));
    }

    /** Values for a language and folder: two of the settings can be overridden there. */
    for(scope: ConfigScope): Config {
        return readConfig(this.source, scope);
    }

    /** Settings that differ from their defaults, for the report. */
    differing(): { key: string; value: unknown }[] {
        const config = this.current;
        return (Object.keys(SETTING) as SettingName[])
            .map((name) => ({ setting: SETTING[name], value: config[name] }))
            .filter(({ setting, value }) => !isSame(value, setting.default))
            .map(({ setting, value }) => ({ key: `ingot.${setting.key}`, value }));
    }

    dispose(): void {
        this.store.dispose();
    }

    private change(affects: (key: string) => boolean): void {
        const touched = Object.values(SETTING).filter((setting) => affects(setting.key));
        if (touched.length === 0) return;
        this.snapshot = undefined;
        this.changed.fire({
            config: this.current,
            engine: touched.some((setting) => setting.applies === "engine"),
            keys: touched.map((setting) => setting.key),
        });
    }
}

function readConfig(source: ConfigSource, scope: ConfigScope | undefined): Config {
    const get = source.open(scope);
    const entries = Object.entries(SETTING).map(([name, setting]) => [
        name,
        setting.read(get(setting.key)) ?? setting.default,
    ]);
    return Object.fromEntries(entries) as Config;
}

function isSame(a: unknown, b: unknown): boolean {
    return JSON.stringify(a) === JSON.stringify(b);
}

/** Whether completions are on for a language; with the setting that says no. */
export function languageSwitch(
    config: Config,
    languageId: string,
): { on: true } | { on: false; by: "enable" | "languages" } {
    if (!config.completionEnable) return { on: false, by: "enable" };
    const own = config.completionLanguages[languageId] ?? config.completionLanguages["*"];
    return own === false ? { on: false, by: "languages" } : { on: true };
}
