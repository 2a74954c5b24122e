/** How far a comparison is, and how long it will still take: from the steps that are done, and from how far the present one is. */

export type StepKind = "make" | "scores" | "bench" | "infill";

/** What a step takes beside another one while none of its kind has been done; only until then. */
const USUAL: Record<StepKind, number> = { make: 1, scores: 6, bench: 2, infill: 3 };
/** Before that a step says nothing of its own time. */
const LEAST_FRACTION = 0.05;

export class Estimate {
    private readonly left: StepKind[];
    private readonly total: number;
    private done = 0;
    private readonly seen = new Map<StepKind, { seconds: number; n: number }>();
    private current: { kind: StepKind; startMs: number; fraction: number } | undefined;

    /** `steps`: all of the work. `now`: ms of any clock that only goes on. */
    constructor(
        steps: readonly StepKind[],
        private readonly now: () => number,
    ) {
        this.left = [...steps];
        this.total = steps.reduce((sum, kind) => sum + USUAL[kind], 0);
    }

    start(kind: StepKind): void {
        this.current = { kind, startMs: this.now(), fraction: 0 };
    }

    /** 0 to 1 of the present step. */
    advance(fraction: number): void {
        if (this.current) this.current.fraction = Math.min(1, Math.max(0, fraction));
    }

    end(): void {
        const { current } = this;
        if (!current) return;
        const { kind, startMs } = current;
        const before = this.seen.get(kind) ?? { seconds: 0, n: 0 };
        const seconds = before.seconds + (this.now() - startMs) / 1000;
        this.seen.set(kind, { seconds, n: before.n + 1 });
        this.drop(kind);
        this.current = undefined;
    }

    /** A step that will not be done. */
    drop(kind: StepKind): void {
        const at = this.left.indexOf(kind);
        if (at < 0) return;
        this.left.splice(at, 1);
        this.done += USUAL[kind];
    }

    get fraction(): number {
        const own = this.current ? this.current.fraction * USUAL[this.current.kind] : 0;
        return this.total === 0 ? 1 : Math.min(1, (this.done + own) / this.total);
    }

    /** Undefined until something says how fast it goes. */
    get secondsLeft(): number | undefined {
        const { current } = this;
        const known = new Map<StepKind, number>();
        for (const [kind, { seconds, n }] of this.seen) known.set(kind, seconds / n);
        let spent = 0;
        if (current) {
            spent = (this.now() - current.startMs) / 1000;
            if (current.fraction >= LEAST_FRACTION) {
                const whole = spent / current.fraction;
                const earlier = known.get(current.kind);
                known.set(current.kind, earlier === undefined ? whole : (whole + earlier) / 2);
            }
        }
        if (known.size === 0) return undefined;
        const unit =
            [...known.values()].reduce((sum, one) => sum + one, 0) /
            [...known.keys()].reduce((sum, kind) => sum + USUAL[kind], 0);
        const expected = (kind: StepKind) => known.get(kind) ?? unit * USUAL[kind];
        const all = this.left.reduce((sum, kind) => sum + expected(kind), 0);
        const own = current ? Math.min(spent, expected(current.kind)) : 0;
        return Math.max(0, all - own);
    }
}
