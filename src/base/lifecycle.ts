/**
 * Lifetimes: whoever creates a timer, listener, child or handle registers it here at the line it is created.
 * A store that is already disposed disposes what is added to it at once, so late additions cannot leak.
 * Shaped like vscode's Disposable, without importing it.
 */

export interface Disposable {
    dispose(): void;
}

export function toDisposable(dispose: () => void): Disposable {
    let done = false;
    return {
        dispose() {
            if (done) return;
            done = true;
            dispose();
        },
    };
}

/** Owns several disposables and disposes them in reverse order of creation. */
export class DisposableStore implements Disposable {
    private readonly items = new Set<Disposable>();
    private disposed = false;

    get isDisposed(): boolean {
        return this.disposed;
    }

    add<T extends Disposable>(item: T): T {
        if (this.disposed) item.dispose();
        else this.items.add(item);
        return item;
    }

    dispose(): void {
        if (this.disposed) return;
        this.disposed = true;
        for (const item of [...this.items].reverse()) item.dispose();
        this.items.clear();
    }
}

/** Holds "the current x": setting a new value disposes the old one. */
export class MutableDisposable<T extends Disposable> implements Disposable {
    private current: T | undefined;
    private disposed = false;

    get value(): T | undefined {
        return this.current;
    }

    set value(next: T | undefined) {
        if (next === this.current) return;
        this.current?.dispose();
        this.current = next;
        if (this.disposed) {
            next?.dispose();
            this.current = undefined;
        }
    }

    dispose(): void {
        this.disposed = true;
        this.value = undefined;
    }
}
