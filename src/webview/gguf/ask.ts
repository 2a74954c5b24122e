/** The page's questions to its host: typed, and with what is kept while the page is hidden. Says where the channel is made, once. */

import { Channel } from "../../protocol/channel";
import type { InspectorHostSide, InspectorPageSide, KeyEdit } from "../../protocol/inspector";
import { openHost } from "../port";

type Requests = InspectorHostSide["requests"];
type ParamsOf<K extends keyof Requests> = Requests[K] extends { params: infer P } ? P : never;
type ResultOf<K extends keyof Requests> = Requests[K] extends { result: infer R } ? R : never;
type ProgressOf<K extends keyof Requests> = Requests[K] extends { progress: infer P } ? P : never;

export interface AskOptions<P> {
    signal?: AbortSignal;
    onProgress?: (value: P) => void;
}

/** Rejects with the host's AppError: its message is a sentence without the period. */
export type Ask = <K extends keyof Requests>(
    method: K,
    params: ParamsOf<K>,
    options?: AskOptions<ProgressOf<K>>,
) => Promise<ResultOf<K>>;

/** What of the page survives being hidden. */
export interface Kept {
    tab?: string;
    /** Changes that wait for a copy. */
    edits?: readonly KeyEdit[];
}

export interface Host {
    ask: Ask;
    kept: () => Kept;
    /** What is not given stays as it was kept. */
    keep: (kept: Kept) => void;
}

export function connect(onChanged: () => void): Host {
    const page = openHost();
    const channel = new Channel<InspectorPageSide, InspectorHostSide>(page.port, {
        build: __BUILD__,
        handlers: {},
        listeners: { changed: onChanged },
    });
    channel.notify("ready", undefined);
    const kept = (): Kept => {
        const state = page.state();
        return typeof state === "object" && state !== null ? state : {};
    };
    return {
        ask: (method, params, options) => channel.request(method, params, options),
        kept,
        keep: (more) => page.saveState({ ...kept(), ...more }),
    };
}
