/**
 * Error feedback as a rounding of the foundry: blocks of fed weights go to the addon with what is known of their inputs. The passes of a
 * large model follow each other while rows are written; one begins when no block of those before it is in work.
 */

import { Deferred } from "../../base/async";
import type { Rounding, TensorRounding } from "../../foundry/rounding";
import type { NativeAddon, NativeModel, QuantizeOptions } from "../../node/native";
import type { NativeFeedback } from "../../node/nativeFeedback";
import { runJob } from "../job";
import type { Chunks } from "../texts";
import type { Passes } from "./passes";

export interface FeedbackOptions {
    model: Pick<NativeModel, "collectHessians">;
    native: Pick<NativeAddon, "quantizeRows">;
    chunks: Chunks;
    threads: number;
    passes: Passes;
    signal: AbortSignal;
    /** Tokens of the pass that runs. */
    onProgress: (doneTokens: number) => void;
}

export class FeedbackRounding implements Rounding {
    private readonly passOf: ReadonlyMap<string, number>;
    /** Blocks in work, by pass. */
    private readonly nTaken: number[];
    private released = new Deferred<void>();
    private pass = -1;
    private known: Promise<NativeFeedback> | undefined;
    private readonly unseen = new Set<string>();
    private isClosed = false;

    constructor(private readonly options: FeedbackOptions) {
        const { passes } = options;
        this.passOf = new Map(
            passes.flatMap((names, index) => names.map((name) => [name, index] as const)),
        );
        this.nTaken = passes.map(() => 0);
    }

    /** The first pass. */
    async prepare(): Promise<void> {
        if (this.options.passes.length > 0) await this.open(0);
    }

    take(tensor: string): TensorRounding | undefined {
        const pass = this.passOf.get(tensor);
        if (pass === undefined) return undefined;
        this.count(pass, 1);
        return {
            quantizeRows: (options) => this.quantize(tensor, pass, options),
            release: () => this.count(pass, -1),
        };
    }

    notes(): string[] {
        const { size } = this.unseen;
        const [first] = this.unseen;
        if (first === undefined) return [];
        return [
            `The texts never reached ${size === 1 ? first : `${first} and ${size - 1} more weights`}: rounded without error feedback`,
        ];
    }

    /** Ends what runs and frees what is known. */
    close(): void {
        this.isClosed = true;
        this.forget();
    }

    private count(pass: number, by: 1 | -1): void {
        this.nTaken[pass] = (this.nTaken[pass] ?? 0) + by;
        this.released.resolve();
        this.released = new Deferred();
    }

    private async quantize(
        weight: string,
        pass: number,
        options: QuantizeOptions,
    ): Promise<Uint8Array> {
        const feedback = await this.open(pass);
        if (!feedback.weights.includes(weight)) {
            this.unseen.add(weight);
            return this.options.native.quantizeRows(options);
        }
        const { type, source, sourceType, rowLength } = options;
        return feedback.quantize({ weight, type, source, sourceType, rowLength });
    }

    private async open(pass: number): Promise<NativeFeedback> {
        while (this.pass < pass && this.nTaken.slice(0, pass).some((n) => n > 0))
            await this.released.promise;
        if (this.pass !== pass || !this.known) {
            this.forget();
            this.pass = pass;
            this.known = this.collect(pass);
        }
        const known = await this.known;
        if (this.isClosed) known.close();
        return known;
    }

    private collect(pass: number): Promise<NativeFeedback> {
        const { model, chunks, threads, passes, signal, onProgress } = this.options;
        const weights = passes[pass] ?? [];
        return runJob(
            () =>
                model.collectHessians({ ...chunks, threads, weights }, (nChunks) =>
                    onProgress(nChunks * chunks.contextTokens),
                ),
            signal,
        );
    }

    private forget(): void {
        void this.known?.then(
            (feedback) => feedback.close(),
            () => undefined,
        );
        this.known = undefined;
    }
}
