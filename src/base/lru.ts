/** A map bounded by total weight; the least recently used entry goes first. */

export class Lru<K, V> {
    private readonly map = new Map<K, { value: V; weight: number }>();
    private total = 0;

    /** `capacity`: the greatest sum of weights kept (1 per entry unless `weigh` says otherwise). */
    constructor(
        private readonly capacity: number,
        private readonly weigh: (value: V) => number = () => 1,
    ) {}

    get size(): number {
        return this.map.size;
    }

    get(key: K): V | undefined {
        const entry = this.map.get(key);
        if (!entry) return undefined;
        this.map.delete(key);
        this.map.set(key, entry);
        return entry.value;
    }

    set(key: K, value: V): void {
        this.delete(key);
        const weight = this.weigh(value);
        this.map.set(key, { value, weight });
        this.total += weight;
        while (this.total > this.capacity && this.map.size > 1) {
            const oldest = this.map.keys().next().value as K;
            this.delete(oldest);
        }
    }

    delete(key: K): void {
        const entry = this.map.get(key);
        if (!entry) return;
        this.map.delete(key);
        this.total -= entry.weight;
    }

    /** Values from most to least recently used. */
    values(): V[] {
        return [...this.map.values()].map((entry) => entry.value).reverse();
    }

    /** From most to least recently used. */
    entries(): [K, V][] {
        return [...this.map].map(([key, { value }]): [K, V] => [key, value]).reverse();
    }

    clear(): void {
        this.map.clear();
        this.total = 0;
    }
}
