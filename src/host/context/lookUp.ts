/**
 * VS Code's own language services as a source of where things are defined. A server that is slow or fails costs nothing: few questions
 * at a time, a slot is given up after a while, and a language whose server keeps silent is left alone for a while.
 */

import {
    commands,
    type DocumentSymbol,
    type Location,
    type LocationLink,
    type Position,
    type Range,
    type SymbolInformation,
    type TextDocument,
    type Uri,
} from "vscode";

/** Where something is defined. */
export interface Target {
    uri: Uri;
    /** Its name, or its first character. */
    name: Range;
    /** The whole of it, when the language service says so. */
    whole: Range | undefined;
}

const SLOTS = 2;
/** A slot is given up after so long; the answer is still used when it comes. */
const SLOT_MS = 1500;
const MAX_SILENCES = 3;
const REST_MS = 10_000;

export class LookUp {
    private nRunning = 0;
    private readonly waiting: (() => void)[] = [];
    /** By language: silences in a row, and until when it is left alone. */
    private readonly silent = new Map<string, { n: number; untilMs: number }>();

    constructor(private readonly now: () => number = () => performance.now()) {}

    /** Definitions in other files; when there are none, those of the type. Never rejects. */
    async definitions(document: TextDocument, position: Position): Promise<Target[]> {
        const found = await this.ask(document, "vscode.executeDefinitionProvider", position);
        const elsewhere = found.filter((target) => isElsewhere(target, document));
        if (elsewhere.length > 0 || found.length === 0) return elsewhere;
        const types = await this.ask(document, "vscode.executeTypeDefinitionProvider", position);
        return types.filter((target) => isElsewhere(target, document));
    }

    /** The innermost symbol of a file whose name is at a place, when its language service knows. Never rejects. */
    async symbolAt(uri: Uri, languageId: string, at: Position): Promise<Range | undefined> {
        const found = await this.slotted<(DocumentSymbol | SymbolInformation)[]>(languageId, () =>
            commands.executeCommand("vscode.executeDocumentSymbolProvider", uri),
        );
        let symbols = (found ?? []).filter((one) => "children" in one);
        for (;;) {
            const holder = symbols.find((symbol) => symbol.range.contains(at));
            if (!holder || holder.selectionRange.contains(at)) return holder?.range;
            symbols = holder.children;
        }
    }

    private async ask(
        { uri, languageId }: TextDocument,
        command: string,
        position: Position,
    ): Promise<Target[]> {
        const found = await this.slotted<(Location | LocationLink)[]>(languageId, () =>
            commands.executeCommand(command, uri, position),
        );
        return (found ?? []).map(toTarget);
    }

    /** Undefined for a failure, and for a language that is left alone. */
    private async slotted<T>(
        languageId: string,
        ask: () => Thenable<T | undefined>,
    ): Promise<T | undefined> {
        if (this.now() < (this.silent.get(languageId)?.untilMs ?? 0)) return undefined;
        if (this.nRunning >= SLOTS)
            await new Promise<void>((resolve) => this.waiting.push(() => resolve()));
        this.nRunning++;
        let isFree = false;
        const free = () => {
            if (isFree) return;
            isFree = true;
            this.nRunning--;
            this.waiting.shift()?.();
        };
        const timer = setTimeout(() => {
            this.countSilence(languageId);
            free();
        }, SLOT_MS);
        try {
            const found = await ask();
            this.silent.delete(languageId);
            return found;
        } catch {
            return undefined;
        } finally {
            clearTimeout(timer);
            free();
        }
    }

    private countSilence(languageId: string): void {
        const n = (this.silent.get(languageId)?.n ?? 0) + 1;
        this.silent.set(languageId, { n, untilMs: n >= MAX_SILENCES ? this.now() + REST_MS : 0 });
    }
}

function isElsewhere({ uri }: Target, document: TextDocument): boolean {
    return uri.toString() !== document.uri.toString();
}

function toTarget(found: Location | LocationLink): Target {
    if ("uri" in found) return { uri: found.uri, name: found.range, whole: undefined };
    const name = found.targetSelectionRange ?? found.targetRange;
    const isWhole = !found.targetRange.isEqual(name) && found.targetRange.contains(name);
    return { uri: found.targetUri, name, whole: isWhole ? found.targetRange : undefined };
}
