/**
 * Ghost text: VS Code's side of a completion session. Decides what the session is shown (document, selected list item) and which
 * range its answer replaces; when and whether to ask is the session's.
 */

import {
    InlineCompletionItem,
    InlineCompletionTriggerKind,
    languages,
    Range,
    type CancellationToken,
    type InlineCompletionContext,
    type InlineCompletionItemProvider,
    type Position,
    type TextDocument,
} from "vscode";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { CompletionSession } from "../../completion/session";
import type { CompletionOutcome } from "../../protocol/completion";
import { ACCEPTED_COMMAND } from "../manifest";
import { toSignal } from "../signal";
import { replacedLength } from "./closers";
import { SERVED_SCHEMES, takeSnapshot } from "./snapshot";

export interface ProviderOptions {
    session: Pick<CompletionSession, "request" | "alternatives" | "isShown">;
    /** Whether a request was caused by more of a suggestion, not by a person. */
    isGrowth: (document: TextDocument) => boolean;
    /** Called before and after each request, for the status. */
    onStart: (document: TextDocument) => Disposable;
    onOutcome: (outcome: CompletionOutcome) => void;
}

/** Registers the provider for every editor that Ingot serves. */
export function registerCompletions(options: ProviderOptions): Disposable {
    const selector = SERVED_SCHEMES.map((scheme) => ({ scheme }));
    return languages.registerInlineCompletionItemProvider(selector, new InlineProvider(options));
}

export class InlineProvider implements InlineCompletionItemProvider {
    constructor(private readonly options: ProviderOptions) {}

    async provideInlineCompletionItems(
        document: TextDocument,
        position: Position,
        context: InlineCompletionContext,
        token: CancellationToken,
    ): Promise<InlineCompletionItem[] | undefined> {
        const selected = context.selectedCompletionInfo;
        const snapshot = takeSnapshot(document, position, { selected });
        const isInvoked =
            context.triggerKind === InlineCompletionTriggerKind.Invoke &&
            !this.options.isGrowth(document);
        const trigger = isInvoked ? "explicit" : "automatic";
        // Who asks where a suggestion is on the screen already wants to see another one.
        const wantsOthers = isInvoked && this.options.session.isShown(snapshot);
        const line = document.lineAt(position.line);
        const store = new DisposableStore();
        store.add(this.options.onStart(document));
        try {
            const { signal } = store.add(toSignal(token));
            const outcome = await this.options.session.request(snapshot, { trigger, signal });
            this.options.onOutcome(outcome);
            if (outcome.kind === "none") return undefined;
            const hole = selected?.range ?? new Range(position, position);
            const lineSuffix = line.text.slice(hole.end.character);
            const { text, source } = outcome;
            const others =
                wantsOthers && source === "cache"
                    ? await this.options.session.alternatives(snapshot, text, signal)
                    : [];
            return [text, ...others].map((one) => {
                const end = hole.end.translate(0, replacedLength(one, lineSuffix));
                const whole = (selected?.text ?? "") + one;
                const item = new InlineCompletionItem(whole, new Range(hole.start, end));
                item.command = { title: "Accepted", command: ACCEPTED_COMMAND };
                return item;
            });
        } finally {
            store.dispose();
        }
    }
}
