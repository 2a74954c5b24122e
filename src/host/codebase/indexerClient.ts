/**
 * The indexer child as the window uses it: started by the first request, ended when nobody has asked for a while, started anew after a
 * crash by the next request. A new one knows only what was kept on the disk.
 */

import type { Disposable } from "../../base/lifecycle";
import type { Log, LogEntry } from "../../base/log";
import { startChild, type Child } from "../../node/child";
import type { CallOptions } from "../../protocol/channel";
import type { IndexerClientSide, IndexerSide } from "../../protocol/codebase";

export interface IndexerClientOptions {
    /** Absolute path of `dist/indexer.mjs`. */
    entry: string;
    build: string;
    /** Where the index of this workspace is kept. */
    folder: string;
    log: Log;
    writeLog: (entry: LogEntry) => void;
}

type Requests = IndexerSide["requests"];
type IndexerChild = Child<IndexerClientSide, IndexerSide>;

/** Its memory is worth more than the second that reading the index takes. */
const IDLE_MS = 10 * 60_000;

export class IndexerClient implements Disposable {
    private running: Promise<IndexerChild> | undefined;
    private timer: NodeJS.Timeout | undefined;
    private nWaiting = 0;

    constructor(private readonly options: IndexerClientOptions) {}

    /** False: the next request starts a new one. */
    get isRunning(): boolean {
        return this.running !== undefined;
    }

    async request<K extends keyof Requests>(
        method: K,
        params: Requests[K]["params"],
        options: CallOptions<Requests[K] extends { progress: infer P } ? P : never> = {},
    ): Promise<Requests[K]["result"]> {
        clearTimeout(this.timer);
        this.nWaiting++;
        try {
            const { channel } = await (this.running ??= this.begin());
            const result: unknown = await channel.request(method, params as never, options);
            return result as Requests[K]["result"];
        } finally {
            if (--this.nWaiting === 0) this.timer = setTimeout(() => void this.stop(), IDLE_MS);
        }
    }

    /** Settles when the child is gone and what it knew is on the disk. Never rejects. */
    async stop(): Promise<void> {
        await this.end((child) => child.channel.request("index/save", undefined));
    }

    /** Within two seconds: what is not on the disk by then is read again. */
    dispose(): void {
        void this.end(async () => undefined);
    }

    private async end(before: (child: IndexerChild) => Promise<void>): Promise<void> {
        clearTimeout(this.timer);
        const { running } = this;
        this.running = undefined;
        const child = await running?.catch(() => undefined);
        if (!child) return;
        await before(child).catch(() => undefined);
        await child.dispose();
    }

    private begin(): Promise<IndexerChild> {
        const running = this.start(() => {
            if (this.running === running) this.running = undefined;
        });
        return running;
    }

    private async start(onGone: () => void): Promise<IndexerChild> {
        const { entry, build, folder, log, writeLog } = this.options;
        const child = startChild<IndexerClientSide, IndexerSide>({
            name: "indexer",
            entry,
            build,
            handlers: {},
            listeners: { log: writeLog },
            onOutput: (line) => log.debug("indexer output", { line }),
            onFault: (error) => log.error("listener failed", { error: String(error) }),
        });
        void child.exited.then((reason) => {
            log.debug("indexer ended", { reason: reason.message });
            onGone();
        });
        try {
            await child.ready;
            const state = await child.channel.request("index/open", { folder });
            log.info("index opened", { ...state });
            return child;
        } catch (error) {
            await child.dispose();
            throw error;
        }
    }
}
