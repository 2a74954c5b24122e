/** Small async pieces: a promise with its handles, one-at-a-time by key, shared in-flight work. */

export class Deferred<T> {
    readonly promise: Promise<T>;
    resolve!: (value: T) => void;
    reject!: (reason: unknown) => void;

    constructor() {
        this.promise = new Promise<T>((resolve, reject) => {
            this.resolve = resolve;
            this.reject = reject;
        });
    }
}

/** Callers with the same key share one run of the work until it settles. */
export class SingleFlight<K, T> {
    private readonly running = new Map<K, Promise<T>>();

    run(key: K, work: () => Promise<T>): Promise<T> {
        const present = this.running.get(key);
        if (present) return present;
        const promise = work().finally(() => this.running.delete(key));
        this.running.set(key, promise);
        return promise;
    }
}

/** Runs tasks one after the other, in the order they were added. */
export class Queue {
    private tail: Promise<unknown> = Promise.resolve();

    add<T>(task: () => Promise<T>): Promise<T> {
        const next = this.tail.then(task, task);
        this.tail = next.catch(() => undefined);
        return next;
    }
}
