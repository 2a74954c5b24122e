/**
 * A quantization whose rounding errors are made up for: the model is evaluated on texts, and each weight's blocks are chosen so that what
 * it computes of those inputs changes least. The file is of an ordinary type; what is no plain matrix of a layer is rounded by itself.
 */

import { createHash } from "node:crypto";
import { totalmem } from "node:os";
import { throwIfAborted } from "../../base/cancel";
import { FEEDBACK_KEYS } from "../../foundry/fileLayout";
import { follow, type ProduceEnvironment } from "../../foundry/produce";
import { ProgressFeed } from "../../foundry/progress";
import { quantizeFile } from "../../foundry/quantizeFile";
import type { Calibration } from "../../foundry/rounding";
import { physicalCores } from "../../node/threads";
import type { CalibrationParams } from "../../protocol/lab";
import type { ConvertEvent, ConvertResult, QuantizeParams } from "../../protocol/worker";
import { closeModel, openModel } from "../openModel";
import { chunksOf, readTexts, type Chunks } from "../texts";
import { planPasses, refuseNothingFed } from "./passes";
import { FeedbackRounding } from "./rounding";

const [DATASETS, TOKENS_COUNT] = FEEDBACK_KEYS;
/** Beyond it little is gained, and a text may be a whole workspace. */
const DEFAULT_CHUNKS = 200;
/** Of the computer's memory, for what is known of inputs at a time. */
const MEMORY_SHARE = 1 / 4;
const MIN_MEMORY_BYTES = 2 ** 30;

/** As `quantizeFile`; also throws what is wrong with texts (`user/usage`) and model (`engine/load`). */
export async function* quantizeCalibrated(
    params: QuantizeParams,
    { texts, chunks = DEFAULT_CHUNKS, datasets }: CalibrationParams,
    signal: AbortSignal,
    environment: ProduceEnvironment,
): AsyncGenerator<ConvertEvent, ConvertResult, void> {
    yield { stage: "read", doneBytes: 0, totalBytes: 0 };
    const { native, suspend } = environment;
    const ending = suspend ? AbortSignal.any([signal, suspend]) : signal;
    const text = await readTexts(texts);
    const model = await openModel(params.file, { native, signal: ending, onProgress: () => {} });
    let rounding: FeedbackRounding | undefined;
    let error: unknown;
    try {
        const plan = await chunksOf(model, text, { chunks }, ending);
        const calibration: Calibration = {
            ...describe(plan, datasets ?? texts.map(({ name }) => name)),
            check: ({ jobs }) => refuseNothingFed(jobs, params.type),
            async *start({ jobs }) {
                const threads = params.threads ?? physicalCores();
                const budget = Math.max(MIN_MEMORY_BYTES, totalmem() * MEMORY_SHARE);
                const feed = new ProgressFeed("calibrate", plan.tokens.length);
                rounding = new FeedbackRounding({
                    model,
                    native,
                    chunks: plan,
                    threads,
                    passes: planPasses(jobs, budget),
                    signal: ending,
                    onProgress: (doneTokens) => feed.report(doneTokens),
                });
                yield* follow(feed, rounding.prepare());
                throwIfAborted(ending);
                return rounding;
            },
        };
        return yield* quantizeFile(params, signal, { ...environment, calibration });
    } catch (thrown) {
        error = thrown;
        throw thrown;
    } finally {
        rounding?.close();
        await closeModel(model, error);
    }
}

/** What the text is: for a run that goes on later, and for whoever reads the file's metadata. */
function describe(
    { tokens, contextTokens }: Chunks,
    names: readonly string[],
): Pick<Calibration, "identity" | "keys"> {
    const bytes = new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength);
    return {
        identity: [createHash("sha256").update(bytes).digest("hex"), contextTokens],
        keys: [
            [DATASETS, { type: "array[string]", value: [...names] }],
            [TOKENS_COUNT, { type: "uint32", value: tokens.length }],
        ],
    };
}
