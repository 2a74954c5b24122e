/**
 * A quick pick whose rows come from a search while the person types: waits for a pause, drops answers that are late, shows that it is busy, and
 * says in a row what went wrong. Knows nothing of models.
 */

import { window } from "vscode";
import { DisposableStore } from "../../base/lifecycle";
import { isCancelled, toWire } from "../../base/errors";
import { showPick, toItem, type Item, type PickRow } from "./pick";

export type SearchRow<T> = PickRow<T> | { separator: string };

export interface SearchPickOptions<T> {
    title: string;
    placeholder: string;
    /** Shown while nothing is typed. */
    first: readonly SearchRow<T>[];
    search(text: string, signal: AbortSignal): Promise<readonly SearchRow<T>[]>;
}

const PAUSE_MS = 300;

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
                pick.items =
                    rows.length > 0 ? rows.map(toStayingItem<T>) : [message("Nothing was found")];
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
    pick.items = options.first.map(toStayingItem<T>);
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
                    pick.items = options.first.map(toStayingItem<T>);
                    return;
                }
                pick.busy = true;
                timer = setTimeout(() => void search(text), PAUSE_MS);
            }),
        );
        showPick(pick, store, finish);
    });
}

/** Rows of a search stay, whatever the list's own filter thinks of them. */
function toStayingItem<T>(row: SearchRow<T>): Item<T> {
    return "separator" in row ? toItem(row) : { ...toItem(row), alwaysShow: true };
}

function message<T>(text: string): Item<T> {
    return { label: `$(info) ${text}`, alwaysShow: true };
}
