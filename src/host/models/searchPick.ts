/**
 * A quick pick whose rows come from a search while the person types: waits for a pause, drops answers that are late, shows that it is busy, and
 * says in a row what went wrong. Knows nothing of models.
 */

import { QuickPickItemKind, window, type QuickPickItem } from "vscode";
import { DisposableStore } from "../../base/lifecycle";
import { isCancelled, toWire } from "../../base/errors";
import type { PickRow } from "./pick";

export type SearchRow<T> = PickRow<T> | { separator: string };

export interface SearchPickOptions<T> {
    title: string;
    placeholder: string;
    /** Shown while nothing is typed. */
    first: readonly SearchRow<T>[];
    search(text: string, signal: AbortSignal): Promise<readonly SearchRow<T>[]>;
}

const PAUSE_MS = 300;

type Item<T> = QuickPickItem & { value?: T };

/** Undefined when it was closed. */
export function pickFromSearch<T>(options: SearchPickOptions<T>): Promise<T | undefined> {
    const store = new DisposableStore();
    const pick = store.add(window.createQuickPick<Item<T>>());
    let running: AbortController | undefined;
    let timer: NodeJS.Timeout | undefined;
    const stop = () => {
        clearTimeout(timer);
        running?.abort();
        running = undefined;
        pick.busy = false;
    };
    store.add({ dispose: stop });
    const search = async (text: string) => {
        const own = (running = new AbortController());
        try {
            const rows = await options.search(text, own.signal);
            if (running === own)
                pick.items = rows.length > 0 ? rows.map(toItem<T>) : [message("Nothing was found")];
        } catch (error) {
            if (running === own && !isCancelled(error))
                pick.items = [message(toWire(error).message)];
        } finally {
            if (running === own) pick.busy = false;
        }
    };
    pick.title = options.title;
    pick.placeholder = options.placeholder;
    pick.ignoreFocusOut = true;
    pick.items = options.first.map(toItem<T>);
    return new Promise((resolve) => {
        const finish = (value: T | undefined) => {
            resolve(value);
            store.dispose();
        };
        store.add(
            pick.onDidChangeValue((given) => {
                const text = given.trim();
                stop();
                if (text === "") {
                    pick.items = options.first.map(toItem<T>);
                    return;
                }
                pick.busy = true;
                timer = setTimeout(() => void search(text), PAUSE_MS);
            }),
        );
        store.add(
            pick.onDidAccept(() => {
                const [chosen] = pick.selectedItems;
                if (chosen?.value !== undefined) finish(chosen.value);
            }),
        );
        store.add(pick.onDidHide(() => finish(undefined)));
        pick.show();
    });
}

/** Rows of a search stay, whatever the list's own filter thinks of them. */
function toItem<T>(row: SearchRow<T>): Item<T> {
    if ("separator" in row) return { label: row.separator, kind: QuickPickItemKind.Separator };
    return {
        label: row.label,
        alwaysShow: true,
        ...(row.description ? { description: row.description } : {}),
        ...(row.detail ? { detail: row.detail } : {}),
        value: row.value,
    };
}

function message<T>(text: string): Item<T> {
    return { label: `$(info) ${text}`, alwaysShow: true };
}
