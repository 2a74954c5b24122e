/**
 * Parts of the worker, each loaded with the first request that it answers: a worker does one job, and most of the code is that of others.
 */

import type { CallContext, Handlers } from "../protocol/channel";
import type { WorkerSide } from "../protocol/worker";

type AllHandlers = Handlers<WorkerSide>;

export interface Part<K extends keyof AllHandlers> {
    handlers: Pick<AllHandlers, K>;
    /** Ends what runs; settles when it has. */
    stop(): void | Promise<void>;
}

export class Parts {
    private readonly loaded = new Set<Promise<Part<never>>>();

    /** What answers these requests. */
    of<K extends keyof AllHandlers>(
        methods: readonly K[],
        load: () => Promise<Part<K>>,
    ): Pick<AllHandlers, K> {
        let part: Promise<Part<K>> | undefined;
        const open = () => {
            if (part) return part;
            const loading = load();
            part = loading;
            this.loaded.add(loading);
            // What could not be loaded is tried again with the next request, and there is nothing of it to be ended.
            loading.catch(() => {
                part = undefined;
                this.loaded.delete(loading);
            });
            return loading;
        };
        const handlers = methods.map((method) => {
            const handle = async (params: never, context: CallContext<never>) => {
                // The maps agree by K; TypeScript cannot see that through the channel's conditional types.
                const own = (await open()).handlers[method] as (...given: unknown[]) => unknown;
                return own(params, context);
            };
            return [method, handle];
        });
        return Object.fromEntries(handlers) as Pick<AllHandlers, K>;
    }

    async stop(): Promise<void> {
        await Promise.all(
            [...this.loaded].map(async (loading) => {
                const part = await loading.catch(() => undefined);
                await part?.stop();
            }),
        );
    }
}
