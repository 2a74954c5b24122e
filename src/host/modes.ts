/**
 * What a completion session has to respect at a place: the settings that hold there, and what is so for now: snoozed for a while, or running on the
 * battery. Imports nothing of vscode but types.
 */

import type { Uri } from "vscode";
import { Emitter, type Event } from "../base/event";
import { DisposableStore, toDisposable, type Disposable } from "../base/lifecycle";
import { Lru } from "../base/lru";
import type { CompletionSettings } from "../completion/request";
import type { Battery } from "./battery";
import type { Config, ConfigScope, Settings } from "./config";
import { Globs } from "./context/globs";

const MINUTE_MS = 60_000;
/** Folders of a workspace may have different ones. */
const MAX_VALUES = 16;

export class Modes implements Disposable {
    private readonly store = new DisposableStore();
    private readonly changed = this.store.add(new Emitter<void>());
    readonly onDidChange: Event<void> = this.changed.event;
    private timer: NodeJS.Timeout | undefined;
    private untilMs: number | undefined;
    /** By the setting's value. */
    private readonly excluding = new Lru<string, Globs>(MAX_VALUES);

    constructor(
        private readonly settings: Settings,
        private readonly battery: Pick<Battery, "inUse" | "watch" | "onDidChange">,
        /** What patterns of settings are matched with, for the URI of a place. */
        private readonly pathOf: (uri: Uri) => string,
        private readonly now: () => number = Date.now,
    ) {
        const watch = () => battery.watch(settings.current.completionQuietOnBattery);
        this.store.add(settings.onDidChange(watch));
        this.store.add(battery.onDidChange(() => this.changed.fire()));
        this.store.add(toDisposable(() => clearTimeout(this.timer)));
        watch();
    }

    /** What a session needs to know at a place. */
    for(scope: ConfigScope): CompletionSettings {
        const config = this.settings.for(scope);
        return {
            enabled: config.completionEnable,
            excluded: this.isExcluded(scope, config.contextExclude),
            snoozed: this.snoozedUntilMs !== undefined,
            onDemand: this.onDemand(config),
            languages: config.completionLanguages,
            maxLines: config.completionMaxLines,
            maxTokens: maxTokensFor(config.completionMaxLines),
            debounceMs: config.completionDebounceMs,
        };
    }

    /** When the snooze ends, ms since 1970; undefined when there is none. */
    get snoozedUntilMs(): number | undefined {
        return this.untilMs !== undefined && this.now() < this.untilMs ? this.untilMs : undefined;
    }

    /** Nothing is suggested for so long, from now. 0 ends it. */
    snooze(minutes: number): void {
        clearTimeout(this.timer);
        const ms = minutes * MINUTE_MS;
        this.untilMs = ms > 0 ? this.now() + ms : undefined;
        if (ms > 0) {
            this.timer = setTimeout(() => this.snooze(0), ms);
            this.timer.unref();
        }
        this.changed.fire();
    }

    dispose(): void {
        this.store.dispose();
    }

    private isExcluded({ uri }: ConfigScope, patterns: Config["contextExclude"]): boolean {
        if (!uri || Object.keys(patterns).length === 0) return false;
        const key = JSON.stringify(patterns);
        const globs = this.excluding.get(key) ?? new Globs([patterns]);
        this.excluding.set(key, globs);
        return globs.matches(this.pathOf(uri as Uri));
    }

    private onDemand(config: Config): CompletionSettings["onDemand"] {
        if (config.completionQuiet) return "quiet";
        return config.completionQuietOnBattery && this.battery.inUse ? "on-battery" : undefined;
    }
}

/** Tokens generated at most for so many lines: about 16 a line, with room for the first. */
function maxTokensFor(maxLines: number): number {
    return Math.min(256, 32 + 16 * maxLines);
}
