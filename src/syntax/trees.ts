/**
 * The trees of the documents last worked in, kept up to date by parsing only what changed. A call never takes longer than a budget:
 * what needs more time is parsed in slices between other work, and until then there is no tree.
 */

import { editBetween, insertion, type SyntaxParser, type SyntaxTree } from "./tree";

/** A text of so many characters is not parsed: its first parse would take seconds. */
export const MAX_CHARACTERS = 600_000;
const MAX_DOCUMENTS = 4;

export interface TreesOptions {
    /** Milliseconds a call may parse for. */
    budgetMs: number;
    /** Milliseconds, monotonic. */
    now: () => number;
    /** Runs something as soon as there is nothing else to do. */
    later: (work: () => void) => void;
}

interface Kept {
    grammar: string;
    text: string;
    tree: SyntaxTree;
}

/** A parse that took too long for one call, with a parser of its own. */
interface Pending {
    uri: string;
    grammar: string;
    text: string;
    parser: SyntaxParser;
    old: SyntaxTree | undefined;
}

export class Trees {
    /** The one used last comes last. */
    private readonly kept = new Map<string, Kept>();
    private pending: Pending | undefined;

    constructor(private readonly options: TreesOptions) {}

    /** The tree of a document's text as it is now; stays the property of this class, and valid until the next call. */
    get(
        uri: string,
        grammar: string,
        text: string,
        make: () => SyntaxParser,
    ): SyntaxTree | undefined {
        if (text.length > MAX_CHARACTERS || this.pending?.uri === uri) return undefined;
        const known = this.kept.get(uri);
        const old = known?.grammar === grammar ? known : undefined;
        if (old?.text === text) return old.tree;
        const start = old?.tree.copy();
        if (old) start?.edit(editBetween(old.text, text));
        const parser = make();
        const pending = { uri, grammar, text, parser, old: start };
        const tree = this.go(pending);
        if (tree) return tree;
        this.drop();
        this.pending = pending;
        this.options.later(() => this.goOn(pending));
        return undefined;
    }

    /**
     * The tree of a kept document with `inserted` at `offset`, or undefined when it is not there by `endMs` of the clock. The caller
     * deletes it.
     */
    withInserted(
        uri: string,
        offset: number,
        inserted: string,
        { make, endMs }: { make: () => SyntaxParser; endMs: number },
    ): SyntaxTree | undefined {
        const kept = this.kept.get(uri);
        if (!kept || this.options.now() > endMs) return undefined;
        const { text, tree } = kept;
        const after = text.slice(0, offset) + inserted + text.slice(offset);
        const old = tree.copy();
        old.edit(insertion(text, after, offset, offset, offset + inserted.length));
        const parser = make();
        try {
            return parser.parse(after, old, this.until(endMs)) ?? undefined;
        } finally {
            old.delete();
            parser.delete();
        }
    }

    /** The tree of a text that is no document's, parsed in slices between other work. The caller deletes it. */
    async once(text: string, make: () => SyntaxParser): Promise<SyntaxTree> {
        const parser = make();
        try {
            for (;;) {
                const endMs = this.options.now() + this.options.budgetMs;
                const tree = parser.parse(text, undefined, this.until(endMs));
                if (tree) return tree;
                await new Promise<void>((resolve) => this.options.later(resolve));
            }
        } finally {
            parser.delete();
        }
    }

    /** Frees everything. */
    dispose(): void {
        for (const { tree } of this.kept.values()) tree.delete();
        this.kept.clear();
        this.drop();
    }

    /** One slice; the whole tree when that was enough. */
    private go({ uri, grammar, text, parser, old }: Pending): SyntaxTree | undefined {
        const tree = parser.parse(
            text,
            old,
            this.until(this.options.now() + this.options.budgetMs),
        );
        if (!tree) return undefined;
        parser.delete();
        old?.delete();
        this.keep(uri, { grammar, text, tree });
        return tree;
    }

    private goOn(pending: Pending): void {
        if (this.pending !== pending) return;
        if (this.go(pending)) this.pending = undefined;
        else this.options.later(() => this.goOn(pending));
    }

    private drop(): void {
        this.pending?.parser.delete();
        this.pending?.old?.delete();
        this.pending = undefined;
    }

    private keep(uri: string, next: Kept): void {
        this.kept.get(uri)?.tree.delete();
        this.kept.delete(uri);
        this.kept.set(uri, next);
        for (const [oldest, { tree }] of this.kept) {
            if (this.kept.size <= MAX_DOCUMENTS) break;
            tree.delete();
            this.kept.delete(oldest);
        }
    }

    private until(endMs: number): { progressCallback: () => boolean } {
        const { now } = this.options;
        return { progressCallback: () => now() > endMs };
    }
}
