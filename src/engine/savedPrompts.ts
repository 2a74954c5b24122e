/**
 * What the model has read of the documents last worked in, kept on disk so that the first completion after a reload is warm: one file per
 * document with its windows, tokens and KV state. The files hold document text: documents that are never completed, or that their
 * author has not saved, are never here; nor is a prompt that shows something copied, or a piece of a file that is not named: whether that
 * may still be shown could not be asked.
 */

import { rm } from "node:fs/promises";
import type { Log } from "../base/log";
import { KvFolder } from "./kvFolder";
import type { KeptPrompt, Snippet } from "../protocol/completion";
import type { FileState } from "./promptComposer";
import type { LoadedModel } from "./loadedModel";

const LIMITS = { fileBytes: 256e6, folderBytes: 1e9 };
/** Fewer tokens are read faster than they are found. */
const MIN_TOKENS = 64;
/** Documents that exist in an editor only. */
const UNSAVED = /^(untitled:|vscode-notebook-cell:(?!\/))/;

export interface SavedPrompt {
    windows: FileState;
    languageId: string;
    tokens: number[];
    state: Uint8Array;
}

/** Whether a prompt with this piece may lie on the disk. What a compiler says is of the document itself. */
export function isSavable({ file, kind }: Snippet): boolean {
    return file !== undefined || kind === "diagnostic";
}

/** The files that pieces are of, once each. */
export function filesOf(pieces: readonly Snippet[]): string[] {
    return [...new Set(pieces.flatMap(({ file }) => file ?? []))];
}

type Head = Omit<SavedPrompt, "state"> & { document: string };

export class SavedPrompts {
    /** Undefined until it is known whether somebody looks through what is here before it is used. */
    private isVetted: boolean | undefined;
    /** One after the other: what is being written when it is forgotten does not appear after that. */
    private working: Promise<void> = Promise.resolve();

    private readonly files: KvFolder;

    constructor(folder: string, log: Log) {
        this.files = new KvFolder(folder, LIMITS, log);
    }

    /** Whether what is here may be used. */
    get isOpen(): boolean {
        return this.isVetted === true;
    }

    /** `vetsSaved`: not before `forget`. */
    configure({ vetsSaved }: { vetsSaved?: boolean | undefined }): void {
        this.isVetted ??= vetsSaved !== true;
    }

    /** Never rejects: what cannot be written is read again by the model another time. */
    save(model: LoadedModel, document: string, prompt: SavedPrompt): Promise<void> {
        return this.inTurn(() => this.write(model, document, prompt));
    }

    private async write(model: LoadedModel, document: string, prompt: SavedPrompt): Promise<void> {
        const { state, tokens, windows, languageId } = prompt;
        if (tokens.length < MIN_TOKENS || UNSAVED.test(document)) return;
        const head: Head = { document, languageId, windows, tokens };
        await this.files.write(keyOf(model, document), { head, state });
    }

    /** Undefined when there is none that is whole and belongs to this document and model. Never rejects. */
    async load(model: LoadedModel, document: string): Promise<SavedPrompt | undefined> {
        const found = await this.files.read(keyOf(model, document));
        if (!found) return undefined;
        const head = found.head as Head;
        if (head.document !== document) return undefined;
        const { windows, tokens, languageId } = head;
        return { windows, tokens, languageId, state: found.state };
    }

    /** The documents of which something is saved, for any model. Never rejects: what cannot be read is none. */
    async list(): Promise<KeptPrompt[]> {
        return (await this.heads()).map(({ head }) => head);
    }

    /** Removes what is saved of documents, for all models; what is left may be used from then on. Never rejects. */
    forget(documents: readonly string[]): Promise<void> {
        return this.inTurn(async () => {
            for (const { file, head } of await this.heads())
                if (documents.includes(head.document))
                    await rm(file, { force: true }).catch(() => undefined);
            this.isVetted = true;
        });
    }

    /** What has no head of ours is of an earlier version or damaged: nobody can use it, nor tell what it shows. It is removed. */
    private async heads(): Promise<{ file: string; head: KeptPrompt }[]> {
        const found: { file: string; head: KeptPrompt }[] = [];
        for (const { file, head } of await this.files.heads()) {
            const kept = keptBy(head);
            if (kept) found.push({ file, head: kept });
            else await rm(file, { force: true }).catch(() => undefined);
        }
        return found;
    }

    private inTurn(work: () => Promise<void>): Promise<void> {
        this.working = this.working.then(work);
        return this.working;
    }
}

function keptBy(head: unknown): KeptPrompt | undefined {
    const { document, languageId, windows } = (head ?? {}) as Partial<Head>;
    if (typeof document !== "string" || typeof languageId !== "string") return undefined;
    if (!Array.isArray(windows?.pieces)) return undefined;
    return { document, languageId, files: filesOf(windows.pieces) };
}

function keyOf(model: LoadedModel, document: string): string {
    return `${model.release}\n${model.fingerprint}\n${document}`;
}
