// The two clocks of the bench. The real one waits; the virtual one jumps, and stands still while the engine works. Milliseconds since
// the clock was made.

export function realClock() {
    return fasterClock(1);
}

/** A real clock whose milliseconds are shorter: everything happens `speed` times as fast. */
export function fasterClock(speed) {
    const startMs = performance.now();
    const now = () => (performance.now() - startMs) * speed;
    return {
        kind: "real",
        now,
        /** Until the moment, or until `wake` is called. */
        until(ms) {
            let wake;
            const done = new Promise((resolve) => {
                const timer = setTimeout(resolve, Math.max(0, (ms - now()) / speed));
                wake = () => {
                    clearTimeout(timer);
                    resolve();
                };
            });
            return { done, wake };
        },
    };
}

export function virtualClock() {
    let nowMs = 0;
    return {
        kind: "virtual",
        now: () => nowMs,
        until(ms) {
            nowMs = Math.max(nowMs, ms);
            return { done: Promise.resolve(), wake: () => undefined };
        },
    };
}
