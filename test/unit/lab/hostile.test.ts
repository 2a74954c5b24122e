/**
 * Hostile files in the inspector: the smallest changes of a valid header, byte for byte and cut at every byte, as a file of its own size and as
 * the beginning of one of 40 GB, where no count is bounded by what is there. Each opens or is refused in a sentence; none reads much.
 */

import { resourceUsage } from "node:process";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/base/errors";
import { InspectedModel } from "../../../src/lab/inspect/model";
import { tinyGguf } from "../../support/tinyGguf";
import { filesOf, lookThrough } from "./inspected";

const valid = tinyGguf({
    keys: {
        "tokenizer.chat_template": {
            type: "string",
            value: "{% for m in messages %}<s>{{ m.role }}: {{ m.content }}\n{% endfor %}",
        },
    },
});
/** Where the data begins: what is after it is not looked at. */
const headerBytes = await InspectedModel.open(filesOf({ "a.gguf": valid })).then(
    ({ first }) => first.dataOffset,
);
const SPARSE_BYTES = 40e9;
/** A header may have so much, and the last chunk may be larger than what is left of it. */
const MOST_READ_BYTES = (32 + 8) << 20;
const MOST_MEMORY_BYTES = 200e6;
const MOST_MS = 1000;

/** Every other byte of the header changed, one at a time: so every number and every text has some. */
function* mutations(change: (byte: number) => number): Generator<Uint8Array> {
    for (let at = 0; at < headerBytes; at += 2) {
        const changed = valid.slice();
        changed[at] = change(valid[at] ?? 0);
        yield changed;
    }
}
const offByOne = (byte: number) => byte ^ 1;
const greatest = () => 0xff;

function* cuts(): Generator<Uint8Array> {
    for (let length = 0; length < headerBytes; length++) yield valid.subarray(0, length);
}

interface Outcome {
    opened: number;
    withProblem: number;
    sentences: Map<string, number>;
    mostBytes: number;
    /** Of the slowest of them. */
    mostMs: number;
}

async function tryAll(files: Iterable<Uint8Array>, size?: number): Promise<Outcome> {
    const outcome: Outcome = {
        opened: 0,
        withProblem: 0,
        sentences: new Map(),
        mostBytes: 0,
        mostMs: 0,
    };
    for (const bytes of files) {
        const startMs = performance.now();
        const source = filesOf({ "a.gguf": bytes }, { "a.gguf": size ?? bytes.length });
        try {
            const { overview } = await InspectedModel.open(source).then(lookThrough);
            if (overview.problem === undefined) outcome.opened++;
            else outcome.withProblem++;
        } catch (error) {
            if (!(error instanceof AppError) || error.code !== "data/gguf") throw error;
            // What happened, and what to do.
            expect(error.message).toMatch(/^The file is not a usable GGUF model: .+; .+[^.]$/s);
            outcome.sentences.set(error.message, (outcome.sentences.get(error.message) ?? 0) + 1);
        }
        outcome.mostBytes = Math.max(outcome.mostBytes, source.nBytes);
        outcome.mostMs = Math.max(outcome.mostMs, performance.now() - startMs);
    }
    // A hang, not slowness: each takes some milliseconds.
    expect(outcome.mostMs).toBeLessThan(MOST_MS);
    return outcome;
}

/** Greatest resident memory of this process, ever. */
const peakBytes = () => resourceUsage().maxRSS * 1024;

describe("the smallest mutations of a header", { timeout: 60_000 }, () => {
    it.each([
        ["off by one", offByOne],
        ["the greatest number", greatest],
    ])(
        "each open or are refused in a sentence, and read no more than the file: %s",
        async (_, change) => {
            const outcome = await tryAll(mutations(change));
            const refused = [...outcome.sentences.values()].reduce((sum, n) => sum + n, 0);
            const all = outcome.opened + outcome.withProblem + refused;
            expect(all).toBe(Math.ceil(headerBytes / 2));
            expect(all).toBeGreaterThan(500);
            expect(outcome.opened).toBeGreaterThan(30);
            expect(outcome.withProblem).toBeGreaterThan(50);
            expect(outcome.sentences.size).toBeGreaterThan(50);
            expect(outcome.mostBytes).toBeLessThanOrEqual(valid.length);
        },
    );

    it("cut at every byte, it says that it ends", async () => {
        const outcome = await tryAll(cuts());
        expect(outcome.opened).toBe(0);
        const refused = [...outcome.sentences].filter(([text]) => /it ends|too short/.test(text));
        const nRefused = refused.reduce((sum, [, n]) => sum + n, 0);
        expect(nRefused + outcome.withProblem).toBe(headerBytes);
    });

    it("take little of a file of 40 GB, whatever they declare", async () => {
        const before = peakBytes();
        const outcome = await tryAll(mutations(greatest), SPARSE_BYTES);
        expect(outcome.mostBytes).toBeLessThanOrEqual(MOST_READ_BYTES);
        expect(peakBytes() - before).toBeLessThan(MOST_MEMORY_BYTES);
        expect(outcome.opened).toBeGreaterThan(30);
    });
});
