// A typing session with a fake engine and a fake clock, for the tests of this folder.
import { Deferred } from "../../../src/base/async";
import { cancelled } from "../../../src/base/errors";
import { createLog, type LogEntry } from "../../../src/base/log";
import type { ContextSource } from "../../../src/context/snippet";
import { CompletionSession } from "../../../src/completion/session";
import type { CompletionDocument, CompletionSettings } from "../../../src/completion/request";
import type {
    Alternative,
    CompletionOutcome,
    CompletionRequest,
    PrefillRequest,
} from "../../../src/protocol/completion";
import type { Syntax } from "../../../src/syntax/syntax";
import { FakeClock } from "../../support/fakeClock";
import { marked } from "../prompt/marked";

const SETTINGS: CompletionSettings = {
    enabled: true,
    snoozed: false,
    languages: {},
    maxLines: 8,
    maxTokens: 64,
    debounceMs: 20,
};
export const ZERO = { loadMs: 0, promptMs: 0, generateMs: 0, totalMs: 0 };

interface Call {
    request: CompletionRequest;
    signal: AbortSignal;
    answer: Deferred<CompletionOutcome>;
    /** Lets the model write a piece of its answer. */
    say: (text: string) => void;
}

export function setUp(
    settings: Partial<CompletionSettings> = {},
    patienceMs?: number,
    context?: ContextSource,
    syntax?: Syntax,
) {
    const calls: Call[] = [];
    /** While true, reading ahead does not end. */
    const reading = { isSlow: false };
    const reads: { request: PrefillRequest; signal: AbortSignal }[] = [];
    const grown: [string, number][] = [];
    const others: { request: CompletionRequest; answer: Deferred<Alternative[]> }[] = [];
    const log: LogEntry[] = [];
    const clock = new FakeClock();
    const current = { ...SETTINGS, ...settings };
    const session = new CompletionSession({
        clock,
        patienceMs,
        context,
        syntax,
        onGrown: (uri, version) => grown.push([uri, version]),
        settings: () => current,
        log: createLog("test", (entry) => log.push(entry)),
        engine: {
            complete(request, signal, say) {
                const answer = new Deferred<CompletionOutcome>();
                signal.addEventListener("abort", () => answer.reject(cancelled()));
                calls.push({ request, signal, answer, say });
                return answer.promise;
            },
            alternatives(request, signal) {
                const answer = new Deferred<Alternative[]>();
                signal.addEventListener("abort", () => answer.reject(cancelled()));
                others.push({ request, answer });
                return answer.promise;
            },
            prefill(request, signal) {
                reads.push({ request, signal });
                return reading.isSlow ? new Promise(() => undefined) : Promise.resolve(undefined);
            },
        },
    });
    return { session, calls, reads, reading, others, grown, clock, log, settings: current };
}

export function document(text: string, more: Partial<CompletionDocument> = {}): CompletionDocument {
    const place = { uri: "file:///a.ts", path: "a.ts", languageId: "typescript", version: 1 };
    return { ...place, ...marked(text), ...more };
}
export function suggestion(text: string): CompletionOutcome {
    return {
        kind: "suggestion",
        text,
        source: "model",
        tokens: { prompt: 5, reused: 100, generated: 7 },
        timings: ZERO,
        confidence: 0.9,
        stop: "end-of-text",
    };
}
/** Asks at a place and lets the model answer. */
export async function answered(
    { session, calls, clock }: ReturnType<typeof setUp>,
    text: string,
    answer: CompletionOutcome,
): Promise<CompletionOutcome> {
    const promise = session.request(document(text), { trigger: "automatic" });
    await clock.advance(20);
    calls.at(-1)?.answer.resolve(answer);
    return promise;
}
