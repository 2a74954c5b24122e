/**
 * Which order of the prompt a model understands best, found out by filling holes: the order that only appends, unless the documented one
 * is clearly better. Runs when nothing else does; the verdict is kept by the file's fingerprint.
 */

import { throwIfAborted, onAbort } from "../base/cancel";
import type { ResolvedFim } from "../prompt/families";
import { buildFimPrompt } from "../prompt/fim";
import { probeHoles, type ProbeHole } from "../prompt/probeHoles";
import type { FimLayoutName } from "../protocol/completion";
import type { LoadedModel } from "./loadedModel";
import { PRIORITY, PROBE_SEQUENCE } from "./plan";

export interface LayoutVerdict {
    layout: FimLayoutName;
    nHoles: number;
    /** Holes filled exactly, by layout. */
    exact: Readonly<Record<FimLayoutName, number>>;
}

const LAYOUTS: readonly FimLayoutName[] = ["append", "psm"];
/** The documented order must win so many standard deviations of the difference: appending is much cheaper. */
const CLEARLY = 1.5;
const MAX_TOKENS = 24;

/** Rejects as cancelled when the signal aborts. */
export async function probeLayout(
    model: LoadedModel,
    fim: ResolvedFim,
    signal: AbortSignal,
): Promise<LayoutVerdict> {
    const holes = probeHoles();
    const exact = { append: 0, psm: 0 };
    let nDiffering = 0;
    for (const hole of holes) {
        const filled: boolean[] = [];
        for (const layout of LAYOUTS) {
            throwIfAborted(signal);
            const isExact = await fills(model, fim, layout, hole, signal);
            if (isExact) exact[layout]++;
            filled.push(isExact);
        }
        if (filled[0] !== filled[1]) nDiffering++;
    }
    model.context.clearSequence(PROBE_SEQUENCE);
    const lead = exact.psm - exact.append;
    const layout = lead > CLEARLY * Math.sqrt(nDiffering) ? "psm" : "append";
    return { layout, nHoles: holes.length, exact };
}

/** Whether the model's next words are the hole's text. Ends at the first that is not. */
async function fills(
    model: LoadedModel,
    fim: ResolvedFim,
    layout: FimLayoutName,
    hole: ProbeHole,
    signal: AbortSignal,
): Promise<boolean> {
    const { native } = model;
    const { addBos, special } = native.info;
    const { tokens, forcedPrefix } = buildFimPrompt({
        fim,
        layout,
        healing: true,
        prefix: hole.prefix,
        suffix: hole.suffix,
        bos: addBos ? special.bos : undefined,
        tokenizer: native,
    });
    let text = "";
    const goesOn = () => hole.middle.startsWith(text) && text.length < hole.middle.length;
    const task = model.context.generate(
        {
            sequence: PROBE_SEQUENCE,
            priority: PRIORITY.probe,
            tokens,
            maxTokens: MAX_TOKENS,
            temperature: 0,
            stopTokens: [...fim.stopTokens],
            forcedPrefix,
        },
        (chunk) => {
            text += chunk.text;
            if (!goesOn()) task.abort();
        },
    );
    const stopListening = onAbort(signal, () => task.abort());
    try {
        const result = await task.done;
        return result.text.startsWith(hole.middle);
    } finally {
        stopListening();
    }
}
