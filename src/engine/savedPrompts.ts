/**
 * What the model has read of the documents last worked in, kept on disk so that the first completion after a reload is warm: one file per
 * document with its windows, tokens and KV state. Anything wrong with a file and it is ignored. The files hold document text: they are
 * readable by their owner only, and documents that are never completed, or that their author has not saved, are never here; nor is a
 * prompt that shows something copied, or a piece of a file that is not named: whether that may still be shown could not be asked.
 */

import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../base/log";
import type { KeptPrompt, Snippet } from "../protocol/engine";
import type { FileState } from "./promptComposer";
import type { LoadedModel } from "./loadedModel";

/** Changes with the format. */
const MAGIC = "ingot-kv/3\n";
const SHA256_BYTES = 32;
const MAX_FILE_BYTES = 256e6;
/** Windows of text and token ids of one prompt. */
const MAX_HEAD_BYTES = 4e6;
const MAX_FOLDER_BYTES = 1e9;
/** Fewer tokens are read faster than they are found. */
const MIN_TOKENS = 64;
/** A window that is ended while it writes leaves such a file; one that old is nobody's any more. */
const PART = /\.kv\.\d+\.part$/;
const PART_MS = 3_600_000;
/** Documents that exist in an editor only. */
const UNSAVED = /^(untitled:|vscode-notebook-cell:(?!\/))/;

export interface SavedPrompt {
    windows: FileState;
    languageId: string;
    tokens: number[];
    state: Uint8Array;
}

/** Pieces that are of the document itself. */
const OWN: readonly Snippet["kind"][] = ["cell", "diagnostic"];

/** Whether a prompt with this piece may lie on the disk. */
export function isSavable({ file, kind }: Snippet): boolean {
    return file !== undefined || OWN.includes(kind);
}

/** The files that pieces are of, once each. */
export function filesOf(pieces: readonly Snippet[]): string[] {
    return [...new Set(pieces.flatMap(({ file }) => file ?? []))];
}

export class SavedPrompts {
    /** Undefined until it is known whether somebody looks through what is here before it is used. */
    private isVetted: boolean | undefined;
    /** One after the other: what is being written when it is forgotten does not appear after that. */
    private working: Promise<void> = Promise.resolve();

    constructor(
        private readonly folder: string,
        private readonly log: Log,
    ) {}

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
        if (tokens.length < MIN_TOKENS || state.byteLength > MAX_FILE_BYTES) return;
        if (UNSAVED.test(document)) return;
        const head = Buffer.from(`${JSON.stringify({ document, languageId, windows, tokens })}\n`);
        const sizes = Buffer.alloc(4);
        sizes.writeUInt32LE(head.byteLength);
        const digest = createHash("sha256").update(head).update(state).digest();
        const path = this.path(model, document);
        const part = `${path}.${process.pid}.part`;
        try {
            await mkdir(this.folder, { recursive: true, mode: 0o700 });
            await writeFile(part, [Buffer.from(MAGIC), digest, sizes, head, state], {
                mode: 0o600,
            });
            await rename(part, path);
            await this.makeRoom();
        } catch (error) {
            this.log.debug("prompt not saved", { error: String(error) });
            await rm(part, { force: true }).catch(() => undefined);
        }
    }

    /** Undefined when there is none that is whole and belongs to this document and model. Never rejects. */
    async load(model: LoadedModel, document: string): Promise<SavedPrompt | undefined> {
        const path = this.path(model, document);
        try {
            if ((await stat(path)).size > 2 * MAX_FILE_BYTES) return undefined;
            return parse(await readFile(path), document);
        } catch {
            return undefined;
        }
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
        const names = await readdir(this.folder).catch(() => []);
        const found: { file: string; head: KeptPrompt }[] = [];
        for (const name of names.filter((name) => name.endsWith(".kv"))) {
            const file = join(this.folder, name);
            const head = await readHead(file).catch(() => undefined);
            if (head) found.push({ file, head });
            else await rm(file, { force: true }).catch(() => undefined);
        }
        return found;
    }

    private inTurn(work: () => Promise<void>): Promise<void> {
        this.working = this.working.then(work);
        return this.working;
    }

    private path(model: LoadedModel, document: string): string {
        const key = `${model.release}\n${model.fingerprint}\n${document}`;
        return join(this.folder, `${createHash("sha256").update(key).digest("hex")}.kv`);
    }

    /** Removes the files that were not written for the longest time until the rest is small enough, and what was left half-written. */
    private async makeRoom(): Promise<void> {
        const names = (await readdir(this.folder)).filter(
            (name) => name.endsWith(".kv") || PART.test(name),
        );
        const files = await Promise.all(
            names.map(async (name) => {
                // Another window may have removed it meanwhile.
                const found = await stat(join(this.folder, name)).catch(() => undefined);
                return { name, size: found?.size ?? 0, mtimeMs: found?.mtimeMs ?? 0 };
            }),
        );
        let total = 0;
        for (const { name, size, mtimeMs } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
            total += size;
            const isLeft = PART.test(name) && Date.now() - mtimeMs > PART_MS;
            if (isLeft || total > MAX_FOLDER_BYTES)
                await rm(join(this.folder, name), { force: true });
        }
    }
}

/** Whose file it is; undefined when it is none of ours. */
async function readHead(file: string): Promise<KeptPrompt | undefined> {
    const handle = await open(file);
    try {
        const start = MAGIC.length + SHA256_BYTES;
        const front = Buffer.alloc(start + 4);
        await handle.read(front, 0, front.byteLength, 0);
        if (front.toString("latin1", 0, MAGIC.length) !== MAGIC) return undefined;
        const size = front.readUInt32LE(start);
        if (size > MAX_HEAD_BYTES) return undefined;
        const head = Buffer.alloc(size);
        await handle.read(head, 0, size, front.byteLength);
        const { document, languageId, windows } = JSON.parse(
            head.toString("utf8"),
        ) as SavedPrompt & {
            document: string;
        };
        if (typeof document !== "string") return undefined;
        return { document, languageId, files: filesOf(windows.pieces) };
    } finally {
        await handle.close();
    }
}

function parse(bytes: Buffer, document: string): SavedPrompt | undefined {
    const start = MAGIC.length + SHA256_BYTES;
    if (bytes.byteLength < start + 4 || bytes.toString("latin1", 0, MAGIC.length) !== MAGIC)
        return undefined;
    const headEnd = start + 4 + bytes.readUInt32LE(start);
    if (headEnd > bytes.byteLength) return undefined;
    const digest = createHash("sha256")
        .update(bytes.subarray(start + 4))
        .digest();
    if (!digest.equals(bytes.subarray(MAGIC.length, start))) return undefined;
    const head = JSON.parse(bytes.toString("utf8", start + 4, headEnd)) as SavedPrompt & {
        document: string;
    };
    if (head.document !== document) return undefined;
    const { windows, tokens, languageId } = head;
    return { windows, tokens, languageId, state: bytes.subarray(headEnd) };
}
