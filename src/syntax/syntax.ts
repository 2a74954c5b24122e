/**
 * What is known of code from its grammar, for whoever completes or reads it: `Syntax` is the port, `TreeSyntax` keeps it with
 * tree-sitter. Where there is no grammar, or its tree would take too long, the answer is undefined and indentation has to do.
 */

import { Queue } from "../base/async";
import type { Log } from "../base/log";
import type { SyntaxRule } from "../protocol/completion";
import { check, type Checked } from "./check";
import { countErrors } from "./errors";
import { identifiersIn, type Identifier } from "./identifiers";
import { grammarOf } from "./languages";
import { isBlockOpening, ruleAt } from "./rule";
import { symbolsIn, symbolSteps, type CodeSymbol } from "./symbols";
import type { Grammars, SyntaxParser, SyntaxTree } from "./tree";
import { Trees, type TreesOptions } from "./trees";

/** A document cut at the cursor; line ends are `\n`. */
export interface SyntaxPlace {
    uri: string;
    languageId: string;
    prefix: string;
    suffix: string;
}

export interface Syntax {
    /** Loads what a language needs; whether it has a grammar that can be used. Never rejects. */
    prepare(languageId: string): Promise<boolean>;
    /** What a suggestion should be at a place. */
    rule(place: SyntaxPlace): SyntaxRule | undefined;
    /** Whether a body of several lines is wanted at a place. */
    opensBlock(place: SyntaxPlace): boolean | undefined;
    /** A suggestion as it can be shown there. */
    check(place: SyntaxPlace, answer: string): Checked | undefined;
    /** The names on some lines of a place's text. */
    identifiers(place: SyntaxPlace, lines: readonly number[]): Identifier[] | undefined;
    /** The outline of a place's document. */
    symbols(place: SyntaxPlace): CodeSymbol[] | undefined;
    /** The outline of a file that nobody writes in; takes its time, one after the other. Never rejects. */
    outline(file: { languageId: string; text: string }): Promise<CodeSymbol[] | undefined>;
}

/** A file of so many characters is outlined by its indentation. */
const MAX_OUTLINED_CHARACTERS = 200_000;
/** A check parses a few times: it may take so much longer than one parse. */
const CHECK_BUDGETS = 2;

export class TreeSyntax implements Syntax {
    private readonly trees: Trees;
    private readonly outlines = new Queue();
    /** Undefined: asked for, and not there or not there yet. */
    private readonly makers = new Map<string, (() => SyntaxParser) | undefined>();

    constructor(
        private readonly grammars: Grammars,
        private readonly options: TreesOptions & { log: Log },
    ) {
        this.trees = new Trees(options);
    }

    async prepare(languageId: string): Promise<boolean> {
        const grammar = grammarOf(languageId);
        if (grammar === undefined) return false;
        const make = await this.grammars.load(grammar);
        this.makers.set(grammar, make);
        return make !== undefined;
    }

    rule(place: SyntaxPlace): SyntaxRule | undefined {
        return this.at(place, ({ rootNode }) => ruleAt(place, rootNode));
    }

    opensBlock(place: SyntaxPlace): boolean | undefined {
        return this.at(place, ({ rootNode }) => isBlockOpening(place, rootNode));
    }

    check(place: SyntaxPlace, answer: string): Checked | undefined {
        const { uri, languageId, prefix, suffix } = place;
        return this.at(place, ({ rootNode }, make) => {
            const nErrors = countErrors(rootNode);
            const endMs = this.options.now() + CHECK_BUDGETS * this.options.budgetMs;
            const inserted = (text: string) =>
                this.trees.withInserted(uri, prefix.length, text, { make, endMs });
            return check({ languageId, prefix, suffix, nErrors, with: inserted }, answer);
        });
    }

    identifiers(place: SyntaxPlace, lines: readonly number[]): Identifier[] | undefined {
        const text = place.prefix + place.suffix;
        return this.at(place, ({ rootNode }) => identifiersIn(rootNode, text, lines));
    }

    symbols(place: SyntaxPlace): CodeSymbol[] | undefined {
        const text = place.prefix + place.suffix;
        return this.at(place, ({ rootNode }) => symbolsIn(rootNode, text));
    }

    async outline({
        languageId,
        text,
    }: {
        languageId: string;
        text: string;
    }): Promise<CodeSymbol[] | undefined> {
        const grammar = grammarOf(languageId);
        if (grammar === undefined || text.length > MAX_OUTLINED_CHARACTERS) return undefined;
        const make = await this.grammars.load(grammar);
        if (!make) return undefined;
        try {
            return await this.outlines.add(() => this.outlineOf(text, make));
        } catch (error) {
            this.options.log.warn("no outline", { grammar, error: String(error) });
            return undefined;
        }
    }

    /** In slices between other work, as its tree is made. */
    private async outlineOf(text: string, make: () => SyntaxParser): Promise<CodeSymbol[]> {
        const { budgetMs, now, later } = this.options;
        const tree = await this.trees.once(text, make);
        const symbols: CodeSymbol[] = [];
        try {
            let endMs = now() + budgetMs;
            for (const symbol of symbolSteps(tree.rootNode, text)) {
                if (symbol) symbols.push(symbol);
                if (now() <= endMs) continue;
                await new Promise<void>((resolve) => later(resolve));
                endMs = now() + budgetMs;
            }
            return symbols;
        } finally {
            tree.delete();
        }
    }

    /** Frees the trees. */
    dispose(): void {
        this.trees.dispose();
    }

    private at<T>(
        { uri, languageId, prefix, suffix }: SyntaxPlace,
        look: (tree: SyntaxTree, make: () => SyntaxParser) => T,
    ): T | undefined {
        const grammar = grammarOf(languageId);
        if (grammar === undefined) return undefined;
        if (!this.makers.has(grammar)) {
            this.makers.set(grammar, undefined);
            void this.prepare(languageId);
        }
        const make = this.makers.get(grammar);
        try {
            const tree = make && this.trees.get(uri, grammar, prefix + suffix, make);
            return make && tree && look(tree, make);
        } catch (error) {
            // A runtime that has failed once (out of memory, say) is not asked again: completions go on without it.
            this.options.log.warn("grammar failed", { grammar, error: String(error) });
            this.makers.set(grammar, undefined);
            return undefined;
        }
    }
}
