/** Progress over all files of one fetch: at most ten events a second, a smoothed rate, the time left. */

import type { HubFetchEvent } from "../../protocol/hub";

const PACE_MS = 100;
/** Weight of the newest measurement. */
const SMOOTHING = 0.2;

export class TransferMeter {
    /** Of files that are finished. */
    private before = 0;
    private inFile = 0;
    /** Bytes of the present file that were there when it began: they say nothing about the rate. */
    private resumed: number | undefined;
    private file: string | undefined;
    private rate: number | undefined;
    private measured = { bytes: 0, ms: 0 };
    private shownMs = 0;

    constructor(
        private readonly totalBytes: number,
        private readonly onEvent: (event: HubFetchEvent) => void,
        private readonly now: () => number = () => performance.now(),
    ) {}

    /** The next file; gives what reports its bytes. */
    begin(file: string): (doneBytes: number) => void {
        this.file = file;
        this.resumed = undefined;
        return (doneBytes) => this.report(doneBytes);
    }

    finish(sizeBytes: number): void {
        this.before += sizeBytes;
        this.inFile = 0;
        this.show();
    }

    /** A file that is there already. */
    skip(file: string, sizeBytes: number): void {
        this.file = file;
        this.finish(sizeBytes);
    }

    end(): void {
        this.show();
    }

    private report(doneBytes: number): void {
        const nowMs = this.now();
        if (this.resumed === undefined) {
            this.resumed = doneBytes;
            this.measured = { bytes: doneBytes, ms: nowMs };
        }
        this.inFile = doneBytes;
        if (nowMs - this.shownMs < PACE_MS) return;
        const elapsed = nowMs - this.measured.ms;
        if (elapsed > 0 && doneBytes > this.measured.bytes) {
            const current = ((doneBytes - this.measured.bytes) * 1000) / elapsed;
            this.rate =
                this.rate === undefined ? current : this.rate + SMOOTHING * (current - this.rate);
            this.measured = { bytes: doneBytes, ms: nowMs };
        }
        this.show(nowMs);
    }

    private show(nowMs = this.now()): void {
        this.shownMs = nowMs;
        const doneBytes = this.before + this.inFile;
        const left = this.totalBytes - doneBytes;
        this.onEvent({
            stage: "download",
            file: this.file,
            doneBytes,
            totalBytes: this.totalBytes,
            bytesPerSecond: this.rate,
            secondsLeft: this.rate ? left / this.rate : undefined,
        });
    }
}
