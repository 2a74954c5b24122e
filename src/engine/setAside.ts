/**
 * Conversations that share one sequence: the side bar's chat, edits, `@ingot`, commit messages. One that another takes the place of is set
 * aside in memory, and put back when a prompt goes on with it: copying is much faster than reading anew. They are told by their tokens.
 */

import type { SavedSequence } from "../node/native";
import type { LoadedModel } from "./loadedModel";

/** Shorter ones are read before one notices. */
const MIN_TOKENS = 384;
const MOST_KEPT = 2;
/** Of one state: 20,000 tokens of a 0.5B model, 4,000 of a 7B one. */
const MOST_BYTES = 256e6;

interface Aside {
    /** The prompt that the sequence was last given. */
    prompt: readonly number[];
    /** Last used last. */
    kept: SavedSequence[];
}

export class SetAside {
    private readonly of = new WeakMap<LoadedModel, Aside>();

    /** Before a prompt is read into the sequence. Every one has to come by here. Never makes a prompt wrong: at worst it is read anew. */
    async enter(model: LoadedModel, sequence: number, prompt: readonly number[]): Promise<void> {
        const aside = this.of.get(model) ?? { prompt: [], kept: [] };
        this.of.set(model, aside);
        const before = aside.prompt;
        aside.prompt = prompt;
        const nHeld = nCommon(before, prompt);
        // The rest of it goes on, or little is lost.
        if (before.length - nHeld < MIN_TOKENS && !this.best(aside, prompt, nHeld)) return;
        const leaving = await model.context.saveSequence(sequence);
        const found = this.best(aside, prompt, nHeld);
        aside.kept = aside.kept.filter((one) => one !== found);
        if (leaving && leaving.tokens.length >= MIN_TOKENS) this.keep(aside, leaving);
        if (found) await model.context.restoreSequence(sequence, found.tokens, found.state);
    }

    /** The one that a prompt goes on with, when that saves much. */
    private best(
        { kept }: Aside,
        prompt: readonly number[],
        nHeld: number,
    ): SavedSequence | undefined {
        const [first] = kept
            .map((one) => ({ one, n: nCommon(one.tokens, prompt) }))
            .filter(({ n }) => n - nHeld >= MIN_TOKENS)
            .sort((a, b) => b.n - a.n);
        return first?.one;
    }

    private keep(aside: Aside, leaving: SavedSequence): void {
        if (leaving.state.byteLength > MOST_BYTES) return;
        // An earlier state of the same conversation.
        const others = aside.kept.filter(
            ({ tokens }) => nCommon(tokens, leaving.tokens) < tokens.length / 2,
        );
        aside.kept = [...others, leaving].slice(-MOST_KEPT);
    }
}

/** Tokens that two prompts have in common at their beginning. */
function nCommon(a: readonly number[], b: readonly number[]): number {
    const at = a.findIndex((token, i) => token !== b[i]);
    return at < 0 ? a.length : at;
}
