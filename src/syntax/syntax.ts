/**
 * What is known of code from its grammar, for whoever completes or reads it: `Syntax` is the port, `TreeSyntax` keeps it with
 * tree-sitter. Where there is no grammar, or its tree would take too long, the answer is undefined and indentation has to do.
 */

import type { Log } from "../base/log";
import type { SyntaxRule } from "../protocol/engine";
import { check, type Checked } from "./check";
import { countErrors } from "./errors";
import { identifiersIn, type Identifier } from "./identifiers";
import { grammarOf } from "./languages";
import { isBlockOpening, ruleAt } from "./rule";
import { symbolsIn, type CodeSymbol } from "./symbols";
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
    /** Names used around a place that are worth looking up, nearest first. */
    identifiers(place: SyntaxPlace): Identifier[] | undefined;
    /** The outline of a document. */
    symbols(document: { uri: string; languageId: string; text: string }): CodeSymbol[] | undefined;
}

/** A check parses a few times: it may take so much longer than one parse. */
const CHECK_BUDGETS = 2;

export class TreeSyntax implements Syntax {
    private readonly trees: Trees;
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

    identifiers(place: SyntaxPlace): Identifier[] | undefined {
        return this.at(place, ({ rootNode }) => identifiersIn(rootNode, place));
    }

    symbols({ uri, languageId, text }: { uri: string; languageId: string; text: string }) {
        const place = { uri, languageId, prefix: text, suffix: "" };
        return this.at(place, ({ rootNode }) => symbolsIn(rootNode, text));
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
