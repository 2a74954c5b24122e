/** The worker's conversion requests: opens the source and the native quantizer, passes events on as progress, ends what runs. */

import type { Log } from "../base/log";
import { listFamilies } from "../foundry/chooseFamily";
import { convertLora } from "../foundry/lora/convert";
import { convert, planConversion, type ConvertEnvironment } from "../foundry/pipeline";
import { planQuantize, quantizeFile } from "../foundry/quantizeFile";
import { openSource } from "../foundry/openSource";
import { convertCalibrated } from "../lab/feedback/convert";
import { quantizeCalibrated } from "../lab/feedback/run";
import { nativeSha256 } from "../node/hash";
import type { CallContext } from "../protocol/channel";
import type {
    ConvertEvent,
    ConvertParams,
    ConvertPlan,
    ConvertResult,
    FamilyChoice,
    LoraParams,
    LoraResult,
    PlanParams,
    QuantizeParams,
    QuantizePlanParams,
    Source,
} from "../protocol/worker";
import { describeTokenizerCheck } from "../protocol/tokenizerCheck";
import { openNative } from "./native";
import { Running } from "./running";

export class ConvertJobs {
    private readonly running = new Running();

    constructor(private readonly log: Log) {}

    readonly handlers = {
        "convert/plan": async (
            { source, ...options }: PlanParams,
            { signal }: CallContext<never>,
        ): Promise<ConvertPlan> =>
            planConversion(await openSource(source, this.log, signal), signal, options),

        "convert/families": async (
            { source }: { source: Source },
            { signal }: CallContext<never>,
        ): Promise<FamilyChoice[]> =>
            listFamilies(await openSource(source, this.log, signal), signal),

        "convert/run": (
            params: ConvertParams,
            context: CallContext<ConvertEvent>,
        ): Promise<ConvertResult> => {
            const { log } = this;
            const suspend = this.running.stopping;
            log.info("conversion started", { type: params.type, via: params.via, out: params.out });
            const { signal } = context;
            const native = openNative();
            const ending = AbortSignal.any([signal, suspend]);
            const environment: ConvertEnvironment = {
                openSource: (source) => openSource(source, log, ending, nativeSha256(native)),
                native,
                suspend,
            };
            const work = params.calibration
                ? convertCalibrated(params, params.calibration, signal, environment)
                : convert(params, signal, environment);
            return this.running.track(this.run(work, context));
        },

        "quantize/plan": (params: QuantizePlanParams): Promise<ConvertPlan> => planQuantize(params),

        "quantize/run": (
            params: QuantizeParams,
            context: CallContext<ConvertEvent>,
        ): Promise<ConvertResult> => {
            this.log.info("quantization started", { type: params.type, out: params.out });
            const environment = { native: openNative(), suspend: this.running.stopping };
            const { signal } = context;
            const work = params.calibration
                ? quantizeCalibrated(params, params.calibration, signal, environment)
                : quantizeFile(params, signal, environment);
            return this.running.track(this.run(work, context));
        },

        "lora/run": (params: LoraParams, context: CallContext<never>): Promise<LoraResult> =>
            this.running.track(this.runLora(params, context)),
    };

    private async runLora(
        { adapter, base, ...params }: LoraParams,
        context: CallContext<never>,
    ): Promise<LoraResult> {
        const signal = AbortSignal.any([context.signal, this.running.stopping]);
        return convertLora({
            ...params,
            adapter: await openSource(adapter, this.log, signal),
            base: await openSource(base, this.log, signal),
            native: openNative(),
            signal,
        });
    }

    /** Ends what runs and keeps what the next run can go on with; settles when all files are closed. */
    stop(): Promise<void> {
        return this.running.stop();
    }

    private async run(
        run: AsyncGenerator<ConvertEvent, ConvertResult, void>,
        context: CallContext<ConvertEvent>,
    ): Promise<ConvertResult> {
        const { log } = this;
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
    for (const warning of warnings) log.info(warning);
    if (result.tokenizer) log.info(describeTokenizerCheck(result.tokenizer));
    return result;
}
