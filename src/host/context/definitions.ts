/**
 * What the names around a cursor stand for in other files, as whole symbols: signatures when they are long, members with the line of
 * the class that they belong to. A name is looked up once while a document is written in; its text is read again at each use.
 */

import { Position, type TextDocument, type Uri } from "vscode";
import { SingleFlight } from "../../base/async";
import { Lru } from "../../base/lru";
import { once } from "../../base/once";
import type { Snippet } from "../../context/snippet";
import type { LineRange } from "../../context/blocks";
import { namesAround, type Name, type ReadNames, type Spot } from "../../context/names";
import type { Outline } from "../../context/outline";
import type { Outlines } from "../../context/outlines";
import type { LookUp, Target } from "./lookUp";
import type { SourceFile, SourceFiles } from "./sourceFiles";
import { within } from "./within";

export interface DefinitionsOptions {
    lookUp: Pick<LookUp, "definitions" | "symbolAt">;
    files: Pick<SourceFiles, "read">;
    outlines: Outlines;
    /** What the model is shown as a file's name. */
    pathOf: (uri: Uri, from: Uri) => string;
    now: () => number;
}

const MAX_NAMES = 12;
/** Overloads, declarations beside definitions. */
const MAX_TARGETS = 2;
const MAX_CHARACTERS = 1500;
/** After so long a name is looked up again, should the document have changed since: imports are edited, servers wake up. */
const KEPT_MS = 20_000;
/** A name that nothing is known of, sooner: servers answer so while they are still reading the project. */
const KEPT_EMPTY_MS = 5000;
/** A name whose answer takes longer is used the next time. */
const WAIT_MS = 800;

const NAME = once(() => /^[\p{L}_$][\p{L}\p{N}_$]*/u);
/** The word that a range holds, when it holds one whole word. */
function nameAt(lines: readonly string[], { start, end }: Target["name"]): string | undefined {
    const word = NAME().exec((lines[start.line] ?? "").slice(start.character))?.[0];
    const isAll = start.line === end.line && end.character - start.character === word?.length;
    return isAll ? word : undefined;
}

interface Found {
    version: number;
    atMs: number;
    targets: Target[];
}

export class Definitions {
    private readonly found = new Lru<string, Found>(2000);
    private readonly flights = new SingleFlight<string, Target[]>();
    /** When the questions that are not answered were asked. */
    private readonly askedMs = new Map<string, number>();
    /** By target and the version of its file. */
    private readonly ranges = new Lru<string, LineRange>(500);

    constructor(private readonly options: DefinitionsOptions) {}

    /** `read`: what a grammar knows of the document's names. */
    async gather(document: TextDocument, cursor: Spot, read?: ReadNames): Promise<Snippet[]> {
        const names = namesAround(document, cursor, MAX_NAMES, read);
        const found = await Promise.all(names.map((name) => this.targets(document, name)));
        const snippets: Snippet[] = [];
        for (const [index, targets] of found.entries())
            for (const target of targets.slice(0, MAX_TARGETS)) {
                const snippet = await this.toSnippet(target, document, names[index]?.name ?? "");
                if (snippet) snippets.push(snippet);
            }
        return snippets;
    }

    private async targets(document: TextDocument, name: Name): Promise<Target[]> {
        const key = `${document.uri.toString()} ${name.name}`;
        const known = this.found.get(key);
        const now = this.options.now();
        if (known && this.isFresh(known, document.version, now)) return known.targets;
        const sinceMs = this.askedMs.get(key) ?? now;
        if (now - sinceMs >= WAIT_MS) return [];
        this.askedMs.set(key, sinceMs);
        return within(
            WAIT_MS,
            [],
            this.flights.run(key, () => this.ask(document, name, key)),
        );
    }

    private isFresh({ targets, version, atMs }: Found, current: number, now: number): boolean {
        if (targets.length === 0) return now - atMs < KEPT_EMPTY_MS;
        return version === current || now - atMs < KEPT_MS;
    }

    private async ask(document: TextDocument, name: Name, key: string): Promise<Target[]> {
        const { version } = document;
        const position = new Position(name.line, name.character);
        const targets = await this.options.lookUp.definitions(document, position);
        this.askedMs.delete(key);
        this.found.set(key, { version, atMs: this.options.now(), targets });
        return targets;
    }

    private async toSnippet(
        target: Target,
        document: TextDocument,
        name: string,
    ): Promise<Snippet | undefined> {
        const file = await this.options.files.read(target.uri);
        if (!file) return undefined;
        const path = this.options.pathOf(target.uri, document.uri);
        const from = target.uri.toString();
        const { lines } = file;
        const outline = await this.options.outlines.of({ path: target.uri.path, lines });
        // The file itself is what the name stands for: a module.
        if (
            target.name.isEmpty &&
            target.name.start.line === 0 &&
            target.name.start.character === 0
        )
            return { kind: "import", path, file: from, text: outline.text(MAX_CHARACTERS) };
        const range = await this.rangeOf(target, file, outline, document.languageId);
        const text = outline.piece(range, MAX_CHARACTERS);
        if (text.trim() === "") return undefined;
        // A variable is shown by its type, whose name is another one.
        const defined = nameAt(lines, target.name) ?? name;
        const symbols = defined === name ? [name] : [name, defined];
        return { kind: "definition", path, file: from, text, symbols };
    }

    /** By the language service's word, else the grammar's, else indentation. */
    private async rangeOf(
        target: Target,
        { uri, lines, version }: SourceFile,
        outline: Outline,
        languageId: string,
    ): Promise<LineRange> {
        const { start } = target.name;
        if (target.whole) {
            const { start: from, end } = target.whole;
            const last = end.character === 0 ? end.line - 1 : end.line;
            return { first: from.line, last: Math.min(last, lines.length - 1) };
        }
        const line = Math.min(start.line, lines.length - 1);
        const known = outline.symbolAt(line);
        if (known) return known;
        const key = `${uri.toString()} ${version} ${start.line}`;
        const kept = this.ranges.get(key);
        if (kept) return kept;
        const asked = this.options.lookUp.symbolAt(uri, languageId, start);
        const symbol = await within(WAIT_MS, undefined, asked);
        const isHere = symbol && symbol.start.line <= start.line && symbol.end.line < lines.length;
        if (!isHere) return outline.at(line);
        const range = { first: symbol.start.line, last: symbol.end.line };
        this.ranges.set(key, range);
        return range;
    }
}
