/** A typed event with the shape of vscode's: `emitter.event(listener)` returns a disposable. */

import { toDisposable, type Disposable } from "./lifecycle";

export type Event<T> = (listener: (value: T) => void) => Disposable;

export class Emitter<T> implements Disposable {
    private readonly listeners = new Set<(value: T) => void>();

    readonly event: Event<T> = (listener) => {
        const entry = (value: T) => listener(value);
        this.listeners.add(entry);
        return toDisposable(() => this.listeners.delete(entry));
    };

    fire(value: T): void {
        for (const listener of [...this.listeners]) listener(value);
    }

    dispose(): void {
        this.listeners.clear();
    }
}
