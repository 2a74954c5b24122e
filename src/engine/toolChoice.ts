/**
 * Which tool a small model's call is of. Small models lean to some names whatever they are asked, most of all to the first of the list: what they
 * think of each name after a question that says nothing is taken off (contextual calibration, Zhao et al. 2021), and words that the
 * question shares with a tool count. A model that is sure for other reasons than that still has its way.
 */

import type { GenerateOptions } from "../node/native";
import type { ToolDefinition } from "../protocol/chat";
import { Grammar } from "../tools/grammar";
import { suitedTo } from "../tools/choice/suited";

/** What is needed of a model. */
export interface ChoiceModel {
    tokenize: (text: string) => number[];
    piece: (token: number) => string;
    /** One token, greedily; reuses what its sequence holds. */
    next: (
        options: Pick<GenerateOptions, "tokens" | "heldTo">,
        onChunk: (chunk: { probabilities: number[] }) => void,
    ) => Promise<void>;
}

/** Logarithms of probabilities by a tool's name. */
export type Scores = ReadonlyMap<string, number>;

/** Larger models choose well by themselves. */
const MAX_PARAMETERS = 2e9;
/** Logarithm of a probability that is as good as none. */
const NEVER = -30;
/** Logarithm of a probability that adds nothing to a chance. */
const NEGLIGIBLE = Math.log(1e-3);
const NO_TOKEN = -1;
/** How much of the leaning is taken off: docs/measuring.md. */
const LEANING_SHARE = 0.5;

/** Whether a model's choice is worth a second look: it costs some steps of the model. */
export function isWeak(model: { nParameters: number; canTrim: boolean }): boolean {
    return model.canTrim && model.nParameters < MAX_PARAMETERS;
}

/** How likely an answer behind `prompt` begins with one of the texts, whose tokens are given. */
export async function chanceOf(
    model: ChoiceModel,
    prompt: readonly number[],
    starts: readonly (readonly number[])[],
): Promise<number> {
    let sum = 0;
    for (const start of starts) {
        let score = 0;
        for (const [i, token] of start.entries()) {
            if (score > NEGLIGIBLE)
                score += await logOf(model, [...prompt, ...start.slice(0, i)], token);
        }
        sum += Math.exp(score);
    }
    return sum;
}

/** What the model thinks of all names behind `prompt`, as far as they differ. */
export async function scoresOf(
    model: ChoiceModel,
    prompt: readonly number[],
    names: readonly string[],
): Promise<Scores> {
    const open = [rootOf(model, names)];
    const scores = new Map<string, number>();
    for (const group of open) {
        const [only] = group.names;
        if (only && group.names.length === 1) scores.set(only.name, group.score);
        else open.push(...(await partsOf(model, prompt, group)));
    }
    return scores;
}

/** The tool that a request is for: the best by what the model thinks of its name behind `prompt`, more than anyway, and by how the request suits it. */
export async function chosenOf(
    model: ChoiceModel,
    prompt: readonly number[],
    asked: { tools: readonly ToolDefinition[]; request: string; leaning: Scores },
): Promise<string | undefined> {
    const { tools, request, leaning } = asked;
    const suited = suitedTo(tools, request);
    const bonusOf = ({ name }: Name) =>
        (suited.get(name) ?? 0) - LEANING_SHARE * (leaning.get(name) ?? 0);
    // The group that can have the best name goes first, so that most names are never asked for.
    const boundOf = ({ names, score }: Group) => score + Math.max(...names.map(bonusOf));
    const open = [
        rootOf(
            model,
            tools.map(({ name }) => name),
        ),
    ];
    for (;;) {
        const best = open.toSorted((a, b) => boundOf(b) - boundOf(a))[0];
        if (!best || best.names.length === 1) return best?.names[0]?.name;
        open.splice(open.indexOf(best), 1, ...(await partsOf(model, prompt, best)));
    }
}

interface Name {
    name: string;
    tokens: readonly number[];
}

/** Names that begin with the same tokens. */
interface Group {
    names: readonly Name[];
    nTokens: number;
    /** Logarithm of the probability of those tokens, as far as other names differ. */
    score: number;
}

function rootOf(model: ChoiceModel, names: readonly string[]): Group {
    // With what stands behind it: one name may begin another.
    const tokens = (name: string) => model.tokenize(`${JSON.stringify(name).slice(1)}, "`);
    const unique = [...new Set(names)];
    return { names: unique.map((name) => ({ name, tokens: tokens(name) })), nTokens: 0, score: 0 };
}

/** A group by its next tokens; it has at least two names. */
async function partsOf(
    model: ChoiceModel,
    prompt: readonly number[],
    { names, nTokens, score }: Group,
): Promise<Group[]> {
    const byNext = new Map<number, Name[]>();
    for (const one of names) {
        const next = one.tokens[nTokens] ?? NO_TOKEN;
        byNext.set(next, [...(byNext.get(next) ?? []), one]);
    }
    const parts: Group[] = [];
    const path = names[0]?.tokens.slice(0, nTokens) ?? [];
    for (const [token, those] of byNext) {
        const isTold = byNext.size === 1 || token === NO_TOKEN;
        const more = isTold ? 0 : await logOf(model, [...prompt, ...path], token);
        parts.push({ names: those, nTokens: nTokens + 1, score: score + more });
    }
    return parts;
}

/** How likely the model finds a text as its next token. */
async function logOf(model: ChoiceModel, tokens: number[], next: number): Promise<number> {
    const grammar = new Grammar();
    const { numbers, roots } = grammar.compile([grammar.text(model.piece(next))]);
    let probability = 0;
    const heldTo = { numbers, root: roots[0] };
    await model.next({ tokens, heldTo }, (chunk) => {
        probability = chunk.probabilities[0] ?? probability;
    });
    return Math.max(NEVER, Math.log(probability));
}
