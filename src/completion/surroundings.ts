/**
 * What is known of other files at the places where somebody types: gathered when the cursor rests, at line starts and when another file comes
 * to the front, one place at a time. A keystroke takes what is there; only the first request of a file waits, and not for long.
 */

import { onAbort } from "../base/cancel";
import { Lru } from "../base/lru";
import type { Log } from "../base/log";
import { bounded } from "../context/bounded";
import type { ContextSource, Place, Snippet } from "../context/snippet";
import type { Clock } from "./clock";
import { isSecretFile } from "./gates";

/** How long the first request of a file waits for what is around it. */
export const GATHER_MS = 50;
const MAX_FILES = 32;

export interface SurroundingsOptions {
    source: ContextSource | undefined;
    clock: Clock;
    log: Log;
}

export class Surroundings {
    private readonly known = new Lru<string, readonly Snippet[]>(MAX_FILES);
    private looking: Promise<void> | undefined;
    /** Where to look when that is done: only the newest place matters. */
    private next: Place | undefined;
    private nForgotten = 0;

    constructor(private readonly options: SurroundingsOptions) {}

    /** The last that was found for a document; undefined when nobody has looked yet. */
    of(uri: string): readonly Snippet[] | undefined {
        return this.known.get(uri);
    }

    /** Resolves when everything asked for by then was looked for. Never rejects. */
    look(place: Place): Promise<void> {
        const { source } = this.options;
        if (!source) return Promise.resolve();
        this.next = place;
        this.looking ??= this.lookFrom(source).finally(() => {
            this.looking = undefined;
        });
        return this.looking;
    }

    /** Undefined where something is known. Resolves when something is, or soon, or when the signal aborts. */
    ready(place: Place, signal: AbortSignal): Promise<void> | undefined {
        if (!this.options.source || this.of(place.uri)) return undefined;
        const isDone = new AbortController();
        const stopListening = onAbort(signal, () => isDone.abort());
        const late = this.options.clock.delay(GATHER_MS, isDone.signal).catch(() => undefined);
        return Promise.race([this.look(place), late]).finally(() => {
            stopListening();
            isDone.abort();
        });
    }

    forget(): void {
        this.nForgotten++;
        this.known.clear();
    }

    /** Nothing of these files is given away any more. Whether something of them was known, and may have been sent. */
    withdraw(files: readonly string[]): boolean {
        // What is being gathered may hold some of it.
        this.nForgotten++;
        let wasKnown = false;
        for (const [uri, snippets] of this.known.entries().reverse()) {
            const left = snippets.filter(({ file }) => file === undefined || !files.includes(file));
            wasKnown ||= left.length < snippets.length;
            this.known.set(uri, left);
        }
        return wasKnown;
    }

    private async lookFrom(source: ContextSource): Promise<void> {
        for (let place = this.next; place; place = this.next) {
            this.next = undefined;
            const { nForgotten } = this;
            try {
                const found = await source.gather(place);
                if (nForgotten !== this.nForgotten) {
                    this.next ??= place;
                    continue;
                }
                const shown = found.filter(({ path }) => !isSecretFile(path));
                this.known.set(place.uri, bounded(shown));
            } catch (error) {
                this.options.log.debug("nothing gathered", { error: String(error) });
            }
        }
    }
}
