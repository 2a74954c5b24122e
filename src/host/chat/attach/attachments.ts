/**
 * What a person has added to the next question. It goes once; what is pinned is read at that moment, becomes part of the system text and
 * stays in front of every question of the conversation, where it costs nothing after it was read once.
 */

import { Uri, workspace, FileType } from "vscode";
import { Emitter, type Event } from "../../../base/event";
import type { Disposable } from "../../../base/lifecycle";
import type { ContextChip, DroppedFile, Suggestion } from "../../../protocol/webview";
import { SERVED_SCHEMES } from "../../completion/snapshot";
import type { ContextBlock } from "../context";
import { imageRefused, isImage, nothing, type Attachment } from "./attachment";
import { dropped, file, folder, nameOf } from "./files";
import { Offers, type OfferOptions } from "./offers";

export interface AttachmentOptions extends OfferOptions {
    /** Pinned blocks of the conversation that is open. */
    pinned: () => readonly ContextBlock[];
    setPinned: (blocks: readonly ContextBlock[]) => void;
    /** Characters that context may have, as the model's context is known now. */
    maxCharacters: () => number;
}

const PIN = "pinned:";
const MAX_ADDED = 20;
/** Pinned text leaves room for questions and answers. */
const PINNED_SHARE = 0.5;

export class Attachments implements Disposable {
    private readonly changed = new Emitter<void>();
    readonly onDidChange: Event<void> = this.changed.event;
    private readonly offers: Offers;
    private offered = new Map<string, Attachment>();
    private added: Attachment[] = [];

    constructor(private readonly options: AttachmentOptions) {
        this.offers = new Offers(options);
    }

    get list(): ContextChip[] {
        const pinned = this.options.pinned().map(({ label }, i): ContextChip => ({
            id: `${PIN}${i}`,
            kind: "file",
            label,
            tooltip: `${label}, as it was when it was pinned`,
            enabled: true,
            isAdded: true,
            isPinned: true,
        }));
        const added = this.added.map(({ id, kind, label, tooltip }): ContextChip => ({
            id,
            kind,
            label,
            tooltip,
            enabled: true,
            isAdded: true,
        }));
        return [...pinned, ...added];
    }

    async suggest(query: string): Promise<Suggestion[]> {
        const offers = await this.offers.find(query);
        this.offered = new Map(offers.map(({ attachment }) => [attachment.id, attachment]));
        return offers.map(({ suggestion }) => suggestion);
    }

    /** Adds one of the suggestions of before. Rejects with AppError when it has nothing to give. */
    async choose(id: string): Promise<void> {
        const attachment = this.offered.get(id);
        if (attachment) await this.add(attachment);
    }

    /** Rejects with AppError when something of it cannot be added; the rest is. */
    async drop(uris: readonly string[], files: readonly DroppedFile[]): Promise<void> {
        const work = [
            ...uris
                .slice(0, MAX_ADDED)
                .map(async (address) => this.add(await fromAddress(address, this.options.mayShow))),
            ...files.slice(0, MAX_ADDED).map(async ({ name, text }) => {
                if (isImage(name)) throw imageRefused(name);
                await this.add(dropped(name, text));
            }),
        ];
        const failed = (await Promise.allSettled(work)).find((one) => one.status === "rejected");
        if (failed) throw failed.reason;
    }

    remove(id: string): void {
        const { pinned, setPinned } = this.options;
        if (id.startsWith(PIN)) setPinned(pinned().filter((_, i) => `${PIN}${i}` !== id));
        else this.added = this.added.filter((one) => one.id !== id);
        this.changed.fire();
    }

    /** Pins an added one; removes the pin of a pinned one, and the context with it. */
    async pin(id: string): Promise<void> {
        if (id.startsWith(PIN)) return this.remove(id);
        const attachment = this.added.find((one) => one.id === id);
        if (!attachment) return;
        if (attachment.search)
            throw nothing(
                `${attachment.label} is searched anew for each question and cannot be pinned; add it again`,
            );
        const { pinned, setPinned, maxCharacters } = this.options;
        const used = pinned().reduce((sum, { text }) => sum + text.length, 0);
        const room = Math.floor(maxCharacters() * PINNED_SHARE) - used;
        if (room < 200)
            throw nothing("There is no room for more pinned context; remove a pin first");
        setPinned([...pinned(), await attachment.resolve(room)]);
        this.added = this.added.filter((one) => one !== attachment);
        this.changed.fire();
    }

    /** What is added now, to be resolved for a question; what cannot be had any more is left out. */
    snapshot(): (maxCharacters: number) => Promise<ContextBlock[]> {
        const added = this.added.filter(({ search }) => !search);
        return async (maxCharacters) => {
            const blocks: ContextBlock[] = [];
            let room = maxCharacters;
            for (const [i, attachment] of added.entries()) {
                // The same share for each; what one does not need goes to the next ones.
                const share = Math.floor(room / (added.length - i));
                const block = await attachment.resolve(share).catch(() => undefined);
                if (!block) continue;
                blocks.push(block);
                room -= block.text.length;
            }
            return blocks;
        };
    }

    /** What is looked up by the words of the question, if that was added. */
    get lookUp(): Attachment["search"] {
        return this.added.find(({ search }) => search)?.search;
    }

    /** They go along once. */
    clear(): void {
        if (this.added.length === 0) return;
        this.added = [];
        this.changed.fire();
    }

    dispose(): void {
        this.changed.dispose();
    }

    private async add(attachment: Attachment): Promise<void> {
        // Said now, not when the question is sent.
        await attachment.resolve(this.options.maxCharacters());
        const others = this.added.filter(({ id }) => id !== attachment.id);
        if (others.length >= MAX_ADDED)
            throw nothing(`A question can have ${MAX_ADDED} additions; remove one first`);
        this.added = [...others, attachment];
        this.changed.fire();
    }
}

async function fromAddress(
    address: string,
    mayShow: (uri: Uri) => Promise<boolean>,
): Promise<Attachment> {
    const uri = Uri.parse(address, true);
    if (!SERVED_SCHEMES.includes(uri.scheme))
        throw nothing("Only files and folders can be dropped here");
    if (isImage(uri.path)) throw imageRefused(nameOf(uri));
    const isFolder = await workspace.fs.stat(uri).then(
        ({ type }) => (type & FileType.Directory) !== 0,
        () => false,
    );
    return isFolder ? folder(uri, mayShow) : file(uri);
}
