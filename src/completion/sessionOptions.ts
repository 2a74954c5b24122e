/** What a completion session is made of, and what is said with each request. */

import type { Log } from "../base/log";
import type { ContextSource } from "../context/snippet";
import type { PromptChoice } from "../protocol/completion";
import type { Syntax } from "../syntax/syntax";
import type { Clock } from "./clock";
import type { CompletionDocument, CompletionSettings, EnginePort, Trigger } from "./request";

export interface CompletionSessionOptions {
    engine: EnginePort;
    clock: Clock;
    /** Read at each request: settings can differ by language and folder. */
    settings: (document: CompletionDocument) => CompletionSettings;
    log: Log;
    /** Where pieces of other files come from; without it the model sees the document only. */
    context?: ContextSource | undefined;
    /** What grammars say of the code; without it, or where it knows nothing, indentation decides. */
    syntax?: Syntax | undefined;
    /**
     * After so long a call answers with what it has finished, and goes on. Undefined: every answer is whole.
     */
    patienceMs?: number | undefined;
    /** A call that has answered early has more of its answer now, and nothing was asked since: ask again. */
    onGrown?: ((uri: string, version: number) => void) | undefined;
    /** For measurements: other prompts than the engine would make. */
    prompt?: PromptChoice | undefined;
    /** For measurements: how much document text the known answers may hold. */
    cacheCharacters?: number | undefined;
}

export interface RequestOptions {
    trigger: Trigger;
    signal?: AbortSignal | undefined;
}
