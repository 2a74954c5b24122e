/**
 * The instructions and tools with which an agent's conversations begin, some 16,000 tokens: read once by the model, kept on disk, and put
 * back when the engine starts anew or others have taken their place. No question, no answer and no result of a tool is in them.
 */

import { createHash } from "node:crypto";
import type { GenerateResult } from "../node/native";
import type { Log } from "../base/log";
import { KvFolder } from "./kvFolder";
import type { LoadedModel } from "./loadedModel";

/** A state of 16,000 tokens has 0.2 GB (0.5B) to 0.9 GB (7B). */
const LIMITS = { fileBytes: 1e9, folderBytes: 2e9 };
/** Fewer tokens are read before one notices. */
const MIN_TOKENS = 512;

/** What a prompt begins with however the conversation goes on: what two of its continuations have in common with it. */
function prefixOf(
    prompt: readonly number[],
    continuations: readonly (readonly number[])[],
): number[] {
    return continuations.reduce<number[]>(
        (prefix, other) => prefix.slice(0, nCommon(prefix, other)),
        [...prompt],
    );
}

export class AgentPrefixes {
    private readonly files: KvFolder;
    private writing = Promise.resolve();
    /** What a model's sequence begins with, as far as it was prepared here. */
    private readonly held = new WeakMap<LoadedModel, readonly number[]>();

    constructor(folder: string, log: Log) {
        this.files = new KvFolder(folder, LIMITS, log);
    }

    /** Settles when what was to be kept is on the disk. Never rejects. */
    written(): Promise<void> {
        return this.writing;
    }

    /** Whether a prompt begins with what the sequence holds. */
    private isReady(model: LoadedModel, sequence: number, prompt: readonly number[]): boolean {
        const held = this.held.get(model);
        return (
            held !== undefined &&
            nCommon(held, prompt) === held.length &&
            model.context.sequenceLength(sequence) >= held.length
        );
    }

    /**
     * Makes the sequence begin with what the prompt begins with however the conversation goes on; `begin` makes the prompt of another
     * question. The result of `read`, when it was called.
     */
    async begin(
        model: LoadedModel,
        sequence: number,
        of: {
            prompt: readonly number[];
            begin: (question: string) => number[];
            read: (tokens: number[]) => Promise<GenerateResult>;
        },
    ): Promise<GenerateResult | undefined> {
        if (this.isReady(model, sequence, of.prompt)) return undefined;
        const prefix = prefixOf(of.prompt, [of.begin("0"), of.begin("Why?")]);
        return this.prepare(model, sequence, prefix, of.read);
    }

    /**
     * Makes the sequence begin with the prefix: from the disk, or by `read`, which evaluates it; then it is saved. Every prompt of the
     * sequence has to come by here. The result of `read`, when it was called: aborted, and there is nothing to go on with.
     */
    private async prepare(
        model: LoadedModel,
        sequence: number,
        prefix: number[],
        read: (tokens: number[]) => Promise<GenerateResult>,
    ): Promise<GenerateResult | undefined> {
        this.held.delete(model);
        if (prefix.length < MIN_TOKENS) return undefined;
        const key = keyOf(model, prefix);
        if (await this.restore(model, sequence, prefix, key)) {
            this.held.set(model, prefix);
            return undefined;
        }
        const result = await read(prefix);
        if (result.stop === "aborted") return result;
        this.held.set(model, prefix);
        const saved = await model.context.saveSequence(sequence);
        // Written while the answer is generated.
        if (saved && isSame(saved.tokens, prefix))
            this.writing = this.files.write(key, { head: { tokens: prefix }, state: saved.state });
        return result;
    }

    private async restore(
        model: LoadedModel,
        sequence: number,
        prefix: number[],
        key: string,
    ): Promise<boolean> {
        const found = await this.files.read(key);
        const tokens = (found?.head as { tokens?: unknown } | undefined)?.tokens;
        if (!found || !Array.isArray(tokens) || !isSame(tokens as number[], prefix)) return false;
        return model.context.restoreSequence(sequence, prefix, found.state);
    }
}

function keyOf(model: LoadedModel, prefix: readonly number[]): string {
    const digest = createHash("sha256").update(Int32Array.from(prefix)).digest("hex");
    return `${model.release}\n${model.fingerprint}\n${digest}`;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
    return a.length === b.length && nCommon(a, b) === a.length;
}

function nCommon(a: readonly number[], b: readonly number[]): number {
    const at = a.findIndex((token, i) => token !== b[i]);
    return at < 0 ? a.length : at;
}
