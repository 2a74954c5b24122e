/** The worker's conversion requests: opens the source and the native quantizer, passes events on as progress, ends what runs. */

import type { Log } from "../base/log";
import { AppError } from "../base/errors";
import { convertLora } from "../foundry/lora/convert";
import { convert, planConversion } from "../foundry/pipeline";
import { openSource } from "../foundry/openSource";
import { ABORT_FILE_VARIABLE } from "../node/child";
import { loadNative, platformBins, type NativeAddon } from "../node/native";
import type { CallContext } from "../protocol/channel";
import type {
    ConvertEvent,
    ConvertParams,
    ConvertPlan,
    ConvertResult,
    LoraParams,
    LoraResult,
    Source,
} from "../protocol/worker";
import { describeTokenizerCheck } from "../protocol/tokenizerCheck";

export class ConvertJobs {
    private readonly running = new Set<Promise<unknown>>();
    private readonly stopping = new AbortController();

    constructor(private readonly log: Log) {}

    readonly handlers = {
        "convert/plan": async (
            { source }: { source: Source },
            { signal }: CallContext<never>,
        ): Promise<ConvertPlan> =>
            planConversion(await openSource(source, this.log, signal), signal),

        "convert/run": (
            params: ConvertParams,
            context: CallContext<ConvertEvent>,
        ): Promise<ConvertResult> => this.keep(this.run(params, context)),

        "lora/run": (params: LoraParams, context: CallContext<never>): Promise<LoraResult> =>
            this.keep(this.runLora(params, context)),
    };

    private keep<T>(run: Promise<T>): Promise<T> {
        const settled = run.catch(() => undefined).finally(() => this.running.delete(settled));
        this.running.add(settled);
        return run;
    }

    private async runLora(
        { adapter, base, ...params }: LoraParams,
        context: CallContext<never>,
    ): Promise<LoraResult> {
        const signal = AbortSignal.any([context.signal, this.stopping.signal]);
        return convertLora({
            ...params,
            adapter: await openSource(adapter, this.log, signal),
            base: await openSource(base, this.log, signal),
            native: openQuantizer(),
            signal,
        });
    }

    /** Cancels what runs; settles when its files are gone. */
    async stop(): Promise<void> {
        this.stopping.abort();
        await Promise.all(this.running);
    }

    private async run(
        params: ConvertParams,
        context: CallContext<ConvertEvent>,
    ): Promise<ConvertResult> {
        const { log } = this;
        const signal = AbortSignal.any([context.signal, this.stopping.signal]);
        log.info("conversion started", { type: params.type, via: params.via, out: params.out });
        const run = convert(params, signal, {
            openSource: (source) => openSource(source, log, signal),
            native: openQuantizer(),
        });
        let last: ConvertEvent | undefined;
        for (;;) {
            const next = await run.next();
            if (next.done) return finished(next.value, log);
            if (next.value.stage !== last?.stage) log.debug("stage", { stage: next.value.stage });
            last = next.value;
            context.progress(next.value);
        }
    }
}

function finished(result: ConvertResult, log: Log): ConvertResult {
    const { bytes, seconds, warnings } = result;
    log.info("conversion finished", { bytes, seconds, warnings: warnings.length });
    if (result.tokenizer) log.info(describeTokenizerCheck(result.tokenizer));
    return result;
}

let quantizer: NativeAddon | undefined;

/** Quantizing is plain CPU code: the CPU libraries are enough on every machine. */
function openQuantizer(): NativeAddon {
    if (quantizer) return quantizer;
    const dir = ["", "vulkan", "cuda", "metal"]
        .map(platformBins)
        .find((path) => path !== undefined);
    if (dir === undefined)
        throw new AppError(
            "env/binary",
            `Ingot has no llama.cpp libraries for ${process.platform} ${process.arch}; install the version for this system`,
        );
    const addon = loadNative();
    addon.open({ dir, variant: "", abortFile: process.env[ABORT_FILE_VARIABLE] });
    quantizer = addon;
    return addon;
}
