/** The list of chats: opens, renames, exports and deletes them, and finds them by any of their words. */

import { ThemeIcon, window, workspace, type QuickPickItem } from "vscode";
import { DisposableStore } from "../../base/lifecycle";
import { Conversation } from "./conversation";
import { exportMarkdown } from "./exportMarkdown";
import type { History } from "./history";
import { describeChat, searchChats, type ChatHit } from "./search";
import type { StoredChat } from "./stored";

export interface HistoryPickOptions {
    history: History;
    /** Of the chat that is open. */
    currentId: () => string;
    confirm: (question: string, yes: string, detail?: string) => Promise<boolean>;
    showError: (error: unknown) => void;
    now: () => number;
}

interface Row extends QuickPickItem {
    chat: StoredChat;
}

const BUTTON = {
    rename: { iconPath: new ThemeIcon("edit"), tooltip: "Rename" },
    export: { iconPath: new ThemeIcon("export"), tooltip: "Export as Markdown" },
    remove: { iconPath: new ThemeIcon("trash"), tooltip: "Delete" },
};

/** Resolves with whether another chat was opened. */
export async function pickChat(options: HistoryPickOptions): Promise<boolean> {
    const { history, showError } = options;
    const store = new DisposableStore();
    const picker = store.add(window.createQuickPick<Row>());
    picker.title = "Chats of This Workspace";
    picker.placeholder = "Search in questions and answers";
    picker.busy = true;
    let chats: StoredChat[] = [];
    const fill = () => {
        picker.items = searchChats(chats, picker.value).map((hit) => toRow(hit, options));
    };
    const read = async () => {
        chats = await history.list();
        picker.busy = false;
        fill();
    };
    const chosen = new Promise<StoredChat | undefined>((resolve) => {
        store.add(picker.onDidChangeValue(fill));
        store.add(picker.onDidAccept(() => resolve(picker.activeItems[0]?.chat)));
        store.add(picker.onDidHide(() => resolve(undefined)));
        store.add(
            picker.onDidTriggerItemButton(({ item, button }) => {
                act(item.chat, button.tooltip ?? "", options).catch(showError);
                picker.hide();
            }),
        );
    });
    picker.show();
    try {
        await read();
        const chat = await chosen;
        return chat !== undefined && (await history.open(chat.id));
    } finally {
        store.dispose();
    }
}

/** Asks for a name; an empty one gives back the first question. */
export async function renameChat(chat: StoredChat, { history }: HistoryPickOptions): Promise<void> {
    const title = await window.showInputBox({
        title: "Rename Chat",
        value: chat.title,
        prompt: "Name of the chat; empty for its first question",
    });
    if (title !== undefined) await history.rename(chat.id, title);
}

/** Opens the chat as an untitled markdown document. */
export async function exportChat(chat: StoredChat): Promise<void> {
    const content = exportMarkdown(chat.title, Conversation.from(chat).turns);
    const document = await workspace.openTextDocument({ language: "markdown", content });
    await window.showTextDocument(document);
}

export async function deleteChat(
    chat: StoredChat,
    { history, confirm }: HistoryPickOptions,
): Promise<void> {
    const detail = "It is removed from this computer.";
    if (await confirm(`Delete the chat "${chat.title}"?`, "Delete", detail))
        await history.remove(chat.id);
}

function act(chat: StoredChat, button: string, options: HistoryPickOptions): Promise<void> {
    switch (button) {
        case BUTTON.rename.tooltip:
            return renameChat(chat, options);
        case BUTTON.export.tooltip:
            return exportChat(chat);
        default:
            return deleteChat(chat, options);
    }
}

function toRow({ chat, excerpt }: ChatHit, { currentId, now }: HistoryPickOptions): Row {
    const isOpen = chat.id === currentId();
    return {
        chat,
        label: chat.title,
        description: `${describeChat(chat, now())}${isOpen ? ", open" : ""}`,
        ...(excerpt === "" ? {} : { detail: excerpt }),
        // What is found by its text would be hidden by VS Code's own filter.
        alwaysShow: true,
        buttons: [BUTTON.rename, BUTTON.export, BUTTON.remove],
    };
}
