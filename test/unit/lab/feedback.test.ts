/** Passes of error feedback: which weights, how many at a time, and one pass after the other while rows are written. */
import { describe, expect, it } from "vitest";
import type { TensorJob } from "../../../src/foundry/blocks";
import { planPasses } from "../../../src/lab/feedback/passes";
import { FeedbackRounding } from "../../../src/lab/feedback/rounding";
import type { QuantizeOptions } from "../../../src/node/native";
import type { FeedOptions, HessianOptions, NativeFeedback } from "../../../src/node/nativeFeedback";

const job = (name: string, type: string, offset: number, shape = [8, 1024], dtype = "BF16") =>
    ({
        tensor: { name, shape, parts: [{ source: { dtype } }] },
        type,
        offset,
    }) as unknown as TensorJob;

const MIB = 2 ** 20;

describe("planPasses", () => {
    it("takes matrices of layers into types with groups, in the order of the file", () => {
        const jobs = [
            job("blk.1.ffn_up.weight", "Q4_K", 30),
            job("token_embd.weight", "Q4_K", 0),
            job("blk.0.attn_q.weight", "Q4_0", 10),
            job("blk.0.attn_norm.weight", "F32", 11, [1024]),
            job("blk.0.ffn_down_exps.weight", "Q4_K", 12, [4, 8, 1024]),
            job("blk.0.attn_v.weight", "IQ4_XS", 13),
            job("blk.0.attn_k.weight", "Q8_0", 14, [8, 1024], "Q8_0"),
        ];
        expect(planPasses(jobs, 1e9)).toEqual([["blk.0.attn_q.weight", "blk.1.ffn_up.weight"]]);
    });

    it("keeps to the memory, but for a layer that alone is larger", () => {
        const jobs = [0, 1, 2, 3].map((i) => job(`blk.${i}.attn_q.weight`, "Q4_K", i));
        const names = jobs.map(({ tensor }) => tensor.name);
        expect(planPasses(jobs, 8 * MIB)).toEqual([names.slice(0, 2), names.slice(2)]);
        expect(planPasses(jobs, 1)).toHaveLength(4);
        expect(planPasses([], 1)).toEqual([]);
    });
});

/** Says what is collected, fed and closed. */
function fake(passes: string[][], unseen: readonly string[] = []) {
    const events: string[] = [];
    const feedback = (weights: readonly string[]): NativeFeedback => ({
        weights: weights.filter((weight) => !unseen.includes(weight)),
        matrix: () => new Float32Array(),
        quantize: ({ weight }: FeedOptions) => {
            events.push(`feed ${weight}`);
            return Promise.resolve(new Uint8Array());
        },
        close: () => events.push(`close ${weights.join()}`),
    });
    const rounding = new FeedbackRounding({
        model: {
            collectHessians: ({ weights }: HessianOptions, onProgress) => {
                events.push(`collect ${weights.join()}`);
                onProgress?.(2);
                return {
                    done: Promise.resolve(feedback(weights)),
                    abort: () => undefined,
                    steps: () => 0,
                };
            },
        },
        native: {
            quantizeRows: () => {
                events.push("plain");
                return Promise.resolve(new Uint8Array());
            },
        },
        chunks: { tokens: new Int32Array(1024), contextTokens: 512, nChunks: 2 },
        threads: 1,
        passes,
        signal: new AbortController().signal,
        onProgress: (tokens) => events.push(`${tokens} tokens`),
    });
    return { rounding, events };
}

const options = { type: "Q4_K", sourceType: "F32", rowLength: 256 } as QuantizeOptions;

describe("FeedbackRounding", () => {
    it("begins a pass when no block of those before it is in work", async () => {
        const { rounding, events } = fake([["a", "b"], ["c"]]);
        await rounding.prepare();
        const a = rounding.take("a");
        const b = rounding.take("b");
        const c = rounding.take("c");
        const last = c?.quantizeRows(options);
        await b?.quantizeRows(options);
        b?.release();
        await a?.quantizeRows(options);
        expect(events).toEqual(["collect a,b", "1024 tokens", "feed b", "feed a"]);
        a?.release();
        await last;
        c?.release();
        expect(events.slice(4)).toEqual(["collect c", "1024 tokens", "close a,b", "feed c"]);
        rounding.close();
        await Promise.resolve();
        expect(events.at(-1)).toBe("close c");
    });

    it("leaves alone what it is not for", () => {
        expect(fake([["a"]]).rounding.take("token_embd.weight")).toBeUndefined();
    });

    it("rounds plainly what the texts never reached, and says so", async () => {
        const { rounding, events } = fake([["a", "b"]], ["b"]);
        const b = rounding.take("b");
        await b?.quantizeRows(options);
        expect(events.at(-1)).toBe("plain");
        expect(rounding.notes()).toEqual([
            "The texts never reached b: rounded without error feedback",
        ]);
    });
});
