/** Has the disk write while a result is still computed, so that nobody waits for all of it at the end. */

const FLUSH_BYTES = 64 * 1024 * 1024;

export class EarlyFlush {
    private unflushed = 0;
    private running: Promise<void> | undefined;
    private failure: Error | undefined;

    /** `flush` settles when everything written before it is on the disk. */
    constructor(private readonly flush: () => Promise<void>) {}

    /** So many more bytes were written. Returns at once. */
    written(bytes: number): void {
        this.unflushed += bytes;
        if (this.running || this.unflushed < FLUSH_BYTES) return;
        this.unflushed = 0;
        this.running = this.flush()
            .catch((error: unknown) => {
                // A system tells of a lost write once only, so it must be kept.
                this.failure ??= error instanceof Error ? error : new Error(String(error));
            })
            .finally(() => (this.running = undefined));
    }

    /** Settles when everything is on the disk; throws when some of it ever was not. */
    async finish(): Promise<void> {
        await this.running;
        await this.flush();
        if (this.failure) throw this.failure;
    }
}
