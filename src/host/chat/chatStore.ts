/**
 * The chats of a workspace on disk: a folder with one JSON file per chat, written as `.part` and renamed. At most 200, the oldest go.
 * INVARIANT: what another window wrote is never overwritten. A file carries a revision; who finds another one than it knows keeps
 * its own chat under a new id.
 */

import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { lockFile } from "../../node/lockFile";
import { charactersOf, withoutText } from "./context";
import { isStoredChat, type StoredChat, type StoredTurn } from "./stored";
import { writeWhole } from "../../node/wholeFile";

const MAX_CHATS = 200;
/** A longer chat is kept without the context of its oldest questions. */
const MAX_CHARACTERS = 16_000_000;
/** What is read; far more than a chat of the most turns without its context. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;
const LOCK_TRIES = 20;
const LOCK_WAIT_MS = 25;
const ID = /^[\w-]{1,80}$/;

interface ChatFile {
    revision: string;
    chat: StoredChat;
}

export class ChatStore {
    /** The revisions that this window read or wrote. */
    private readonly known = new Map<string, string>();

    /** `folder` is made when the first chat is written. */
    constructor(private readonly folder: string) {}

    /** All that can be read, newest first. */
    async list(): Promise<StoredChat[]> {
        const names = await readdir(this.folder).catch(() => []);
        const ids = names.flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -5)] : []));
        const files = await Promise.all(ids.map((id) => this.file(id)));
        return files
            .flatMap((file) => (file ? [file.chat] : []))
            .sort((a, b) => b.updatedAt - a.updatedAt);
    }

    /** Undefined when there is none, or it is damaged. */
    async read(id: string): Promise<StoredChat | undefined> {
        const file = await this.file(id);
        if (file) this.known.set(id, file.revision);
        return file?.chat;
    }

    /** Returns the id under which the chat is kept now: another one when another window has gone on with it. */
    async write(chat: StoredChat): Promise<string> {
        await mkdir(this.folder, { recursive: true });
        const lock = await this.lock(chat.id);
        try {
            const there = lock ? await this.file(chat.id) : undefined;
            const isForeign = !lock || (there && there.revision !== this.known.get(chat.id));
            const id = isForeign ? `chat-${randomUUID()}` : chat.id;
            const revision = randomUUID();
            const part = `${this.path(id)}.${revision}.part`;
            const text = JSON.stringify({ revision, chat: shortened({ ...chat, id }) });
            await writeWhole(this.path(id), text, { part });
            if (!this.known.has(id)) await this.removeOldest();
            this.known.set(id, revision);
            return id;
        } finally {
            await lock?.release();
        }
    }

    async remove(id: string): Promise<void> {
        if (ID.test(id)) await rm(this.path(id), { force: true });
    }

    private async file(id: string): Promise<ChatFile | undefined> {
        if (!ID.test(id)) return undefined;
        try {
            const path = this.path(id);
            if ((await stat(path)).size > MAX_FILE_BYTES) return undefined;
            const value = JSON.parse(await readFile(path, "utf8")) as Partial<ChatFile>;
            const { revision, chat } = value;
            if (typeof revision !== "string" || !isStoredChat(chat) || chat.id !== id)
                return undefined;
            return { revision, chat };
        } catch {
            return undefined;
        }
    }

    private async lock(id: string) {
        for (let i = 0; i < LOCK_TRIES; i++) {
            const lock = await lockFile(`${this.path(id)}.lock`);
            if (lock) return lock;
            await wait(LOCK_WAIT_MS);
        }
        return undefined;
    }

    private async removeOldest(): Promise<void> {
        const names = (await readdir(this.folder)).filter((name) => name.endsWith(".json"));
        if (names.length <= MAX_CHATS) return;
        const dated = await Promise.all(
            names.map(async (name) => ({
                name,
                ms: (await stat(join(this.folder, name)).catch(() => undefined))?.mtimeMs ?? 0,
            })),
        );
        const oldest = dated.sort((a, b) => a.ms - b.ms).slice(0, names.length - MAX_CHATS);
        for (const { name } of oldest) await rm(join(this.folder, name), { force: true });
    }

    private path(id: string): string {
        return join(this.folder, `${id}.json`);
    }
}

/** As much of the newest context as there is room for; what is left out says so. */
function shortened(chat: StoredChat): StoredChat {
    let size = JSON.stringify(chat).length;
    const turns = chat.turns.map((turn): StoredTurn => {
        if (size <= MAX_CHARACTERS || !turn.context) return turn;
        size -= charactersOf(turn.context);
        return { ...turn, context: withoutText(turn.context) };
    });
    return { ...chat, turns };
}
