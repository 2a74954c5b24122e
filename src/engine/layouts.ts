/**
 * The order of the prompt for each model: measured once per file by layoutProbe.ts and remembered on disk; appending until then.
 */

import { isCancelled } from "../base/errors";
import type { Log } from "../base/log";
import { readJsonFile, writeJsonFile } from "../node/jsonFile";
import type { ResolvedFim } from "../prompt/families";
import type { FimLayoutName } from "../protocol/completion";
import { probeLayout, type LayoutVerdict } from "./layoutProbe";
import type { LoadedModel } from "./loadedModel";

/** Changes with the holes or the rule, so that old verdicts do not count. */
const VERSION = 1;
const MAX_REMEMBERED = 100;

interface Memory {
    version: number;
    verdicts: Record<string, LayoutVerdict>;
}

export class Layouts {
    private readonly byModel = new WeakMap<LoadedModel, FimLayoutName>();

    /** `file`: where verdicts are kept. */
    constructor(
        private readonly file: string,
        private readonly log: Log,
    ) {}

    of(model: LoadedModel): FimLayoutName {
        const known = this.byModel.get(model);
        if (known) return known;
        const layout = this.read()[model.fingerprint]?.layout ?? "append";
        this.byModel.set(model, layout);
        return layout;
    }

    /** Measures in the background when this file never was. Never rejects; what is cut short is begun anew the next time. */
    async learn(model: LoadedModel, fim: ResolvedFim, signal: AbortSignal): Promise<void> {
        const key = model.fingerprint;
        if (this.read()[key]) return;
        try {
            const verdict = await probeLayout(model, fim, signal);
            const verdicts = Object.entries(this.read()).slice(-MAX_REMEMBERED + 1);
            const memory: Memory = {
                version: VERSION,
                verdicts: Object.fromEntries([...verdicts, [key, verdict]]),
            };
            writeJsonFile(this.file, memory);
            this.byModel.set(model, verdict.layout);
            const { layout, nHoles, exact } = verdict;
            this.log.info("prompt layout measured", {
                model: model.info.name,
                layout,
                nHoles,
                ...exact,
            });
        } catch (error) {
            if (!isCancelled(error) && !signal.aborted)
                this.log.warn("prompt layout not measured", { error: String(error) });
        }
    }

    private read(): Record<string, LayoutVerdict> {
        const memory = readJsonFile(this.file) as Partial<Memory> | null | undefined;
        const { version, verdicts } = memory ?? {};
        if (version !== VERSION) return {};
        const entries: [string, LayoutVerdict | null][] = Object.entries(verdicts ?? {});
        return Object.fromEntries(
            entries.filter((entry): entry is [string, LayoutVerdict] => {
                const layout = entry[1]?.layout;
                return layout === "append" || layout === "psm";
            }),
        );
    }
}
