/**
 * The only way processes talk: typed requests with progress and cancel, typed events, over any port that carries plain data.
 * The first frame each way is `hello` with the build hash; another build is refused with both hashes in the message.
 * INVARIANT: when the port closes, every pending call fails with the reason; nothing waits forever.
 */

import { AppError, cancelled, fromWire, toWire, type WireError } from "../base/errors";
import { onAbort } from "../base/cancel";
import { Deferred } from "../base/async";
import type { Disposable } from "../base/lifecycle";

/** What one side answers (`requests`) and listens to (`events`). */
export interface Side {
    requests: object;
    events: object;
}
type Params<M> = M extends { params: infer P } ? P : never;
type Result<M> = M extends { result: infer R } ? R : never;
type Progress<M> = M extends { progress: infer P } ? P : never;

export type Frame =
    | { t: "hello"; build: string }
    | { t: "req"; id: number; m: string; p: unknown }
    | { t: "res"; id: number; r: unknown }
    | { t: "err"; id: number; e: WireError }
    | { t: "prog"; id: number; p: unknown }
    | { t: "cancel"; id: number }
    | { t: "evt"; m: string; p: unknown };

export interface Port {
    send(frame: Frame): void;
    onFrame(listener: (frame: Frame) => void): void;
    /** Called once, with a sentence that says why. */
    onClose(listener: (reason: AppError) => void): void;
    close(): void;
}

export interface CallContext<P> {
    signal: AbortSignal;
    progress(value: P): void;
}
export type Handlers<S extends Side> = {
    [K in keyof S["requests"]]: (
        params: Params<S["requests"][K]>,
        context: CallContext<Progress<S["requests"][K]>>,
    ) => Promise<Result<S["requests"][K]>> | Result<S["requests"][K]>;
};
export type Listeners<S extends Side> = {
    [K in keyof S["events"]]: (params: S["events"][K]) => void;
};
export interface CallOptions<P> {
    signal?: AbortSignal | undefined;
    onProgress?: ((value: P) => void) | undefined;
}

interface Pending {
    deferred: Deferred<unknown>;
    onProgress: ((value: unknown) => void) | undefined;
    stopListening: () => void;
}

export interface ChannelOptions<Mine extends Side> {
    /** Build hash; both ends ship together and must agree. */
    build: string;
    handlers: Handlers<Mine>;
    listeners: Listeners<Mine>;
    /** An event listener or frame that threw: for the log. */
    onFault?: (error: unknown) => void;
}

export class Channel<Mine extends Side, Theirs extends Side> implements Disposable {
    private readonly pending = new Map<number, Pending>();
    private readonly running = new Map<number, AbortController>();
    private readonly hello = new Deferred<void>();
    private nextId = 1;
    private closed: AppError | undefined;

    constructor(
        private readonly port: Port,
        private readonly options: ChannelOptions<Mine>,
    ) {
        this.hello.promise.catch(() => undefined);
        port.onFrame((frame) => this.receive(frame));
        port.onClose((reason) => this.fail(reason));
        port.send({ t: "hello", build: options.build });
    }

    /** Settles when the other side has said hello with the same build. */
    get ready(): Promise<void> {
        return this.hello.promise;
    }

    request<K extends keyof Theirs["requests"] & string>(
        method: K,
        params: Params<Theirs["requests"][K]>,
        options: CallOptions<Progress<Theirs["requests"][K]>> = {},
    ): Promise<Result<Theirs["requests"][K]>> {
        if (this.closed) return Promise.reject(this.closed);
        if (options.signal?.aborted) return Promise.reject(cancelled());
        const id = this.nextId++;
        const deferred = new Deferred<unknown>();
        const stopListening = onAbort(options.signal, () => this.send({ t: "cancel", id }));
        const onProgress = options.onProgress as ((value: unknown) => void) | undefined;
        this.pending.set(id, { deferred, onProgress, stopListening });
        this.send({ t: "req", id, m: method, p: params });
        return deferred.promise as Promise<Result<Theirs["requests"][K]>>;
    }

    notify<K extends keyof Theirs["events"] & string>(event: K, params: Theirs["events"][K]): void {
        this.send({ t: "evt", m: event, p: params });
    }

    /** Closes the port and fails everything that waits. */
    dispose(): void {
        this.fail(new AppError("engine/gone", "The connection was closed"));
        this.port.close();
    }

    private send(frame: Frame): void {
        if (!this.closed) this.port.send(frame);
    }

    private fail(reason: AppError): void {
        if (this.closed) return;
        this.closed = reason;
        this.hello.reject(reason);
        for (const { deferred, stopListening } of this.pending.values()) {
            stopListening();
            deferred.reject(reason);
        }
        this.pending.clear();
        for (const controller of this.running.values()) controller.abort(reason);
        this.running.clear();
    }

    private receive(frame: Frame): void {
        switch (frame.t) {
            case "hello":
                if (frame.build === this.options.build) this.hello.resolve();
                else this.refuse(frame.build);
                return;
            case "req":
                void this.answer(frame.id, frame.m, frame.p);
                return;
            case "res":
                this.settle(frame.id)?.deferred.resolve(frame.r);
                return;
            case "err":
                this.settle(frame.id)?.deferred.reject(fromWire(frame.e));
                return;
            case "prog":
                this.pending.get(frame.id)?.onProgress?.(frame.p);
                return;
            case "cancel":
                this.running.get(frame.id)?.abort();
                return;
            case "evt":
                this.dispatch(frame.m, frame.p);
        }
    }

    private refuse(build: string): void {
        this.fail(
            new AppError(
                "bug/internal",
                `Two parts of Ingot are of different builds (${this.options.build} and ${build}); reload the window`,
            ),
        );
        this.port.close();
    }

    private settle(id: number): Pending | undefined {
        const pending = this.pending.get(id);
        this.pending.delete(id);
        pending?.stopListening();
        return pending;
    }

    private dispatch(event: string, params: unknown): void {
        const listeners = this.options.listeners as Record<
            string,
            ((p: unknown) => void) | undefined
        >;
        try {
            listeners[event]?.(params);
        } catch (error) {
            this.options.onFault?.(error);
        }
    }

    private async answer(id: number, method: string, params: unknown): Promise<void> {
        const handlers = this.options.handlers as Record<
            string,
            ((p: unknown, c: CallContext<unknown>) => unknown) | undefined
        >;
        const controller = new AbortController();
        this.running.set(id, controller);
        try {
            const handler = handlers[method];
            if (!handler) throw new AppError("bug/internal", `Unknown method ${method}`);
            const result = await handler(params, {
                signal: controller.signal,
                progress: (value) => this.send({ t: "prog", id, p: value }),
            });
            this.send({ t: "res", id, r: result });
        } catch (error) {
            this.send({ t: "err", id, e: toWire(error) });
        } finally {
            this.running.delete(id);
        }
    }
}

/** Two connected ports in one process, for tests and for code that runs without a child. Frames arrive asynchronously, as plain data. */
export function portPair(): [Port, Port] {
    const make = () => ({
        frames: [] as ((frame: Frame) => void)[],
        closes: [] as ((reason: AppError) => void)[],
    });
    const sides = [make(), make()] as const;
    let open = true;
    const close = () => {
        if (!open) return;
        open = false;
        const reason = new AppError("engine/gone", "The connection was closed");
        for (const side of sides) for (const listener of side.closes) listener(reason);
    };
    const port = (mine: (typeof sides)[number], other: (typeof sides)[number]): Port => ({
        send(frame) {
            const copy = structuredClone(frame);
            queueMicrotask(() => {
                if (open) for (const listener of other.frames) listener(copy);
            });
        },
        onFrame: (listener) => void mine.frames.push(listener),
        onClose: (listener) => void mine.closes.push(listener),
        close,
    });
    return [port(sides[0], sides[1]), port(sides[1], sides[0])];
}
