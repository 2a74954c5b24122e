/** What the chat's page may ask for. It renders what a model wrote: its requests are checked like a stranger's. */

import { commands, env, Uri } from "vscode";
import { AppError, isCancelled } from "../../base/errors";
import type { Handlers } from "../../protocol/channel";
import type { ChatHostSide, DroppedFile } from "../../protocol/webview";
import { COMMAND } from "../manifest";
import type { Attachments } from "./attach/attachments";
import type { Chips } from "./chips";
import { openAsFile, openPlace, putIntoTerminal } from "./codeActions";
import { insertCode } from "./insert";
import type { ChatSession } from "./session";
import { suggestCommands } from "./slash";

export interface PageParts {
    session: ChatSession;
    chips: Chips;
    attachments: Attachments;
    /** What asks the question; undefined: not now. Rejects with AppError when it cannot be asked. */
    prepare: (text: string) => Promise<(() => Promise<void>) | undefined>;
    /** The same for a question in place of one. */
    prepareEdit: (id: string, text: string) => Promise<(() => Promise<void>) | undefined>;
    newChat: () => void;
    showEarlier: () => void;
    /** Puts code where it belongs in the file that was open last, for review. */
    applyCode: (code: string, fence: string) => Promise<void>;
    /** A sentence in the page, where the person is looking. */
    hint: (text: string) => void;
    showError: (error: unknown) => void;
}

const MAX_TEXT_CHARACTERS = 200_000;
const MAX_QUERY_CHARACTERS = 200;

export function pageHandlers(parts: PageParts): Handlers<ChatHostSide> {
    const { session, chips, attachments, hint, showError } = parts;
    const shown = async (work: () => Promise<unknown>): Promise<void> => {
        try {
            await work();
        } catch (error) {
            showError(error);
        }
    };
    const hinted = (work: () => Promise<void>) =>
        shown(async () => {
            try {
                await work();
            } catch (error) {
                if (isCancelled(error)) return;
                if (!(error instanceof AppError)) throw error;
                hint(`${error.message}.`);
            }
        });
    const asked = async (prepare: () => Promise<(() => Promise<void>) | undefined>) => {
        let ask: (() => Promise<void>) | undefined;
        await hinted(async () => {
            ask = await prepare();
        });
        // The page does not wait for the answer.
        if (ask) void shown(ask);
        return ask !== undefined;
    };
    return {
        send: ({ text }) => asked(() => parts.prepare(textOf(text))),
        stop: () => session.stop(),
        retry: () => void shown(() => session.retry()),
        edit: ({ id, text }) => asked(() => parts.prepareEdit(textOf(id), textOf(text))),
        selectVersion: ({ id, step }) => session.select(textOf(id), step === 1 ? 1 : -1),
        showEarlier: () => parts.showEarlier(),
        newChat: () => parts.newChat(),
        copy: async ({ text }) => env.clipboard.writeText(textOf(text)),
        insert: ({ text }) => shown(() => insertCode(chips.lastEditor, textOf(text))),
        apply: ({ text, language }) => shown(() => parts.applyCode(textOf(text), textOf(language))),
        newFile: ({ text, language }) => shown(() => openAsFile(textOf(text), textOf(language))),
        toTerminal: ({ text }) => shown(() => putIntoTerminal(textOf(text))),
        toggleChip: ({ id }) => chips.toggle(textOf(id)),
        removeChip: ({ id }) => attachments.remove(textOf(id)),
        pinChip: ({ id }) => hinted(() => attachments.pin(textOf(id))),
        suggest: ({ trigger, query }) => {
            const begun = textOf(query).slice(0, MAX_QUERY_CHARACTERS);
            return trigger === "#" ? attachments.suggest(begun) : suggestCommands(begun);
        },
        choose: ({ id }) => hinted(() => attachments.choose(textOf(id))),
        drop: ({ uris, files }) =>
            hinted(() => attachments.drop(list(uris).map(textOf), list(files).map(droppedFile))),
        runCommand: async ({ command }) => {
            if (Object.values<string>(COMMAND).includes(command))
                await commands.executeCommand(command);
        },
        openLink: ({ href }) => shown(() => openLink(textOf(href))),
        openSource: ({ id, at }) => shown(() => openPlace(session.source(textOf(id), Number(at)))),
    };
}

/** Of whatever came, the text in it. */
export function textOf(value: unknown): string {
    return typeof value === "string" ? value.slice(0, MAX_TEXT_CHARACTERS) : "";
}

/** VS Code asks before it opens an address outside of the trusted ones. */
async function openLink(href: string): Promise<void> {
    const uri = Uri.parse(href, true);
    if (uri.scheme === "https" || uri.scheme === "http") await env.openExternal(uri);
}

function list(value: unknown): unknown[] {
    return Array.isArray(value) ? value : [];
}

function droppedFile(value: unknown): DroppedFile {
    const { name, text } = (value ?? {}) as Partial<Record<string, unknown>>;
    return { name: textOf(name).slice(0, MAX_QUERY_CHARACTERS), text: textOf(text) };
}
