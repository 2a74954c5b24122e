/**
 * Opens llama.cpp in the engine: asks the probe (once per computer and version) which libraries work, then opens those through our
 * addon. Falls back to the CPU by itself.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SingleFlight } from "../base/async";
import { AppError } from "../base/errors";
import type { Log } from "../base/log";
import { ABORT_FILE_VARIABLE, startChild, type Child } from "../node/child";
import { findAddon, loadNative, platformBins } from "../node/native";
import type { Backend } from "./loadedModel";
import type { ProbeClientSide, ProbeSide, Variant } from "./probeProtocol";
import { readVerdict, verdictKey, writeVerdict, type Verdict } from "./verdict";

export interface BackendOptions {
    /** Folder of the bundles (`dist`). */
    bundles: string;
    /** `<data folder>/cache/probe.json` */
    cacheFile: string;
    log: Log;
}

export interface LazyBackend {
    /** Opens on first use. Throws AppError `env/binary` when not even the CPU libraries work. */
    open(): Promise<Backend>;
    readonly opened: Backend | undefined;
}

const PROBE_TIMEOUT_MS = 60_000;

export function bundleFolder(): string {
    return fileURLToPath(new URL(".", import.meta.url));
}

export function createBackend(options: BackendOptions): LazyBackend {
    const flight = new SingleFlight<"open", Backend>();
    let opened: Backend | undefined;
    return {
        get opened() {
            return opened;
        },
        open: () =>
            opened
                ? Promise.resolve(opened)
                : flight.run("open", async () => (opened = await openBackend(options))),
    };
}

async function openBackend(options: BackendOptions): Promise<Backend> {
    const { cacheFile, log } = options;
    const key = verdictKey(findAddon(), librariesVersion());
    let verdict = readVerdict(cacheFile, key);
    if (!verdict) {
        verdict = await probe(options, key);
        writeVerdict(cacheFile, verdict);
    }
    const { variant } = verdict;
    const addon = loadNative();
    addon.setLog((level, text) => logNative(log, level, text));
    const { release } = addon.open({
        dir: librariesOf(variant),
        variant,
        abortFile: process.env[ABORT_FILE_VARIABLE],
    });
    log.info("llama.cpp opened", { release, variant: variant || "cpu", note: verdict.note });
    return {
        addon,
        variant,
        release,
        fittingLayers: (path, contextTokens) =>
            fittingLayers(options, { path, contextTokens, variant }),
    };
}

function librariesOf(variant: Variant): string {
    const dir = platformBins(variant);
    if (dir === undefined)
        throw new AppError(
            "env/binary",
            `llama.cpp's ${variant || "CPU"} libraries are missing; install the extension again, or run npm ci in a source tree`,
        );
    return dir;
}

/** Version of the package that holds the libraries. */
function librariesVersion(): string {
    try {
        const text = readFileSync(join(librariesOf(""), "..", "..", "package.json"), "utf8");
        return String((JSON.parse(text) as { version?: unknown }).version);
    } catch {
        return "unknown";
    }
}

/** Tries what node-llama-cpp selects, for CUDA then Vulkan, then the CPU. */
async function probe({ bundles, log }: BackendOptions, key: string): Promise<Verdict> {
    let wanted: Variant = "";
    let note: string | undefined;
    try {
        const selection = await ask(bundles, (child) =>
            child.channel.request("probe/select", undefined),
        );
        log.info("probe selected", { ...selection });
        wanted = selection.variant;
    } catch (error) {
        note = `choosing a backend failed (${sentence(error)})`;
        log.warn("probe failed, using the CPU", { error: sentence(error) });
    }
    const next: Variant = wanted === "cuda" ? "vulkan" : wanted;
    const starter = join(bundles, "..", "models", "starter", "starter-q8_0.gguf");
    for (const variant of new Set<Variant>([wanted, next, ""])) {
        try {
            const dir = librariesOf(variant);
            const trial = variant !== "" && existsSync(starter) ? starter : undefined;
            const { release, devices } = await ask(bundles, (child) =>
                child.channel.request("probe/open", { dir, variant, trial }),
            );
            return { key, variant, release, devices, note };
        } catch (error) {
            note = `the ${variant || "cpu"} libraries do not work here (${sentence(error)})`;
            log.warn("libraries do not work here", {
                variant: variant || "cpu",
                error: sentence(error),
            });
        }
    }
    throw new AppError(
        "env/binary",
        `llama.cpp cannot be opened on this computer: ${note ?? "unknown reason"}; run Ingot: Report and open an issue`,
    );
}

async function fittingLayers(
    { bundles, log }: BackendOptions,
    params: ProbeSide["requests"]["probe/layers"]["params"],
): Promise<number> {
    try {
        return await ask(bundles, (child) => child.channel.request("probe/layers", params));
    } catch (error) {
        log.warn("cannot tell how many layers fit, using the CPU", { error: sentence(error) });
        return 0;
    }
}

/** One question to one fresh probe. */
async function ask<T>(
    bundles: string,
    question: (child: Child<ProbeClientSide, ProbeSide>) => Promise<T>,
): Promise<T> {
    const child = startChild<ProbeClientSide, ProbeSide>({
        name: "probe",
        entry: join(bundles, "probe.mjs"),
        build: __BUILD__,
        handlers: {},
        listeners: { log: () => undefined },
    });
    const timer = setTimeout(() => void child.dispose(), PROBE_TIMEOUT_MS);
    try {
        await child.ready;
        return await question(child);
    } finally {
        clearTimeout(timer);
        await child.dispose();
    }
}

function sentence(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

/** What llama.cpp says when we abort a batch, and about a cache for several sequences: not worth a warning. */
const EXPECTED =
    /graph_compute|failed to compute graph|removing memory module|failed to decode, ret = 2|n_ctx_seq/;

function logNative(log: Log, level: number, text: string): void {
    const message = text.trimEnd();
    // Level 1 is llama.cpp's own debugging: hundreds of lines per load that help nobody here.
    if (message === "" || level <= 1) return;
    if (EXPECTED.test(message)) log.debug("llama.cpp", { text: message });
    else if (level >= 4) log.error("llama.cpp", { text: message });
    else if (level === 3) log.warn("llama.cpp", { text: message });
    else log.debug("llama.cpp", { text: message });
}
