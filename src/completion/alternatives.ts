/**
 * Other suggestions for the place where one is on the screen. An editor asks again each time a person goes to the next one, so what was found
 * for a place is kept until another is asked about. Never rejects: no alternatives are none.
 */

import type { Alternative, CompletionRequest } from "../protocol/completion";
import type { CompletionDocument, EnginePort } from "./request";

export class Alternatives {
    private last: { document: CompletionDocument; found: Promise<Alternative[]> } | undefined;

    constructor(private readonly engine: Pick<EnginePort, "alternatives">) {}

    /** Without `shown`, surest first. */
    async find(
        document: CompletionDocument,
        request: CompletionRequest,
        { shown, signal }: { shown: string; signal: AbortSignal },
    ): Promise<Alternative[]> {
        if (!this.engine.alternatives) return [];
        if (!this.last || !isSame(this.last.document, document))
            this.last = { document, found: this.engine.alternatives(request, signal) };
        const { last } = this;
        try {
            return (await last.found).filter(({ text }) => text !== shown);
        } catch {
            // Cancelled or failed: the next one who asks tries again.
            if (this.last === last) this.last = undefined;
            return [];
        }
    }

    clear(): void {
        this.last = undefined;
    }
}

function isSame(a: CompletionDocument, b: CompletionDocument): boolean {
    return a.uri === b.uri && a.prefix === b.prefix && a.suffix === b.suffix;
}
