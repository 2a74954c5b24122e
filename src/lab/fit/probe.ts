/**
 * How much each group of tensors matters, found out: the model is written with only that group made worse, and its divergence from the
 * original is measured on a text. Needs the room of one more file of the model's size while it runs.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quantizeFile } from "../../foundry/quantizeFile";
import type { GgmlTypeName } from "../../gguf/types";
import type { NativeAddon } from "../../node/native";
import type { FitProbe } from "../../protocol/fit";
import type { RecipeOptions } from "../../protocol/worker";
import type { LabEnvironment } from "../openModel";
import { compareScores, scorePerplexity } from "../scores/run";
import type { Errors } from "./measure";
import type { OpenTensor } from "./model";
import { probeGroups, type Probe } from "./sensitivity";

export interface ProbeOptions {
    file: string;
    tensors: readonly OpenTensor[];
    errors: readonly Errors[];
    recipe: RecipeOptions | undefined;
    probe: FitProbe;
    native: NativeAddon;
    threads: number;
    signal: AbortSignal;
    onProgress(done: number, total: number, what: string): void;
}

/** Most runs; neighbouring blocks are taken together until there are no more. */
const MAX_PROBES = 32;
/** Of the usual 512 tokens; groups are compared on the same ones, so that few are enough. */
const CHUNKS = 4;
/** Relative error of what is made worse: large against rounding, small enough that errors still add up. */
const PROBE_ERROR = 0.02;

/** Throws AppError as `ingot perplexity` and quantizing do. */
export async function runProbes(options: ProbeOptions): Promise<Probe[]> {
    const { file, tensors, probe, signal } = options;
    const folder = await mkdtemp(join(tmpdir(), "ingot-fit-"));
    try {
        const logits = join(folder, "original.logits");
        const groups = probeGroups(
            tensors.map(({ name }) => name),
            MAX_PROBES,
        );
        const runs = groups.length + 1;
        options.onProgress(0, runs, "the original");
        const environment: LabEnvironment = {
            native: options.native,
            signal,
            onProgress: () => undefined,
        };
        const { threads } = options;
        const { texts, contextTokens, chunks = CHUNKS } = probe;
        await scorePerplexity(
            { model: file, texts, contextTokens, chunks, threads, saveLogits: logits },
            environment,
        );
        const probes: Probe[] = [];
        for (const group of groups) {
            options.onProgress(probes.length + 1, runs, group.name);
            const worse = group.members.map((i) => probeType(options.errors[i]));
            const out = join(folder, "probe.gguf");
            await writeVariant(options, out, new Map(group.members.map((i, at) => [i, worse[at]])));
            const { kld } = await compareScores(
                { model: out, base: { logits }, threads },
                environment,
            );
            await rm(out, { force: true });
            const errors = group.members.map((i, at) => errorOf(options.errors[i], worse[at]));
            probes.push({ ...group, errors, divergence: kld.mean.value });
        }
        options.onProgress(runs, runs, "");
        return probes;
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

/** The type whose error is nearest to the aim, as a ratio. */
function probeType(errors: Errors | undefined): GgmlTypeName | undefined {
    const distance = (error: number) => Math.abs(Math.log(Math.max(error, 1e-12) / PROBE_ERROR));
    return [...(errors ?? [])].sort(([, a], [, b]) => distance(a) - distance(b))[0]?.[0];
}

function errorOf(errors: Errors | undefined, type: GgmlTypeName | undefined): number {
    return type === undefined ? 0 : (errors?.get(type) ?? 0);
}

/** All other tensors keep their types. */
async function writeVariant(
    { file, tensors, recipe, native, threads, signal }: ProbeOptions,
    out: string,
    worse: ReadonlyMap<number, GgmlTypeName | undefined>,
): Promise<void> {
    const types = Object.fromEntries(
        tensors.map(({ name, source }, i) => [name, worse.get(i) ?? source]),
    );
    const work = quantizeFile(
        {
            file,
            type: "Q8_0",
            out,
            threads,
            overwrite: true,
            recipe: { ...recipe, types },
            allowRequantize: true,
        },
        signal,
        { native },
    );
    while (!(await work.next()).done);
}
