/**
 * A quick pick that also takes what was typed: when the text means something by itself (a path, a Hub id), a row for it stands
 * first. Resolves with the value of the chosen row, or undefined when it was closed.
 */

import { QuickPickItemKind, window, type QuickPick, type QuickPickItem } from "vscode";
import { DisposableStore } from "../../base/lifecycle";

export interface PickRow<T> {
    /** May begin with a codicon. */
    label: string;
    description?: string | undefined;
    detail?: string | undefined;
    value: T;
}

export interface PickOptions<T> {
    title: string;
    placeholder: string;
    rows: readonly (PickRow<T> | { separator: string })[];
    /** A row made from the typed text, if it means something. */
    fromText?: (text: string) => PickRow<T> | undefined;
}

export type Item<T> = QuickPickItem & { value?: T };

export function pickOne<T>(options: PickOptions<T>): Promise<T | undefined> {
    const store = new DisposableStore();
    const pick = store.add(window.createQuickPick<Item<T>>());
    const items = options.rows.map((row) => toItem(row));
    pick.title = options.title;
    pick.placeholder = options.placeholder;
    pick.matchOnDescription = true;
    pick.ignoreFocusOut = true;
    pick.items = items;
    return new Promise((resolve) => {
        const finish = (value: T | undefined) => {
            resolve(value);
            store.dispose();
        };
        store.add(
            pick.onDidChangeValue((text) => {
                const typed = options.fromText?.(text);
                pick.items = typed ? [{ ...toItem(typed), alwaysShow: true }, ...items] : items;
            }),
        );
        showPick(pick, store, finish);
    });
}

/** Shows it; `finish` gets the value of the row that is chosen, or undefined when it is closed. */
export function showPick<T>(
    pick: QuickPick<Item<T>>,
    store: DisposableStore,
    finish: (value: T | undefined) => void,
): void {
    store.add(
        pick.onDidAccept(() => {
            const [chosen] = pick.selectedItems;
            if (chosen?.value !== undefined) finish(chosen.value);
        }),
    );
    store.add(pick.onDidHide(() => finish(undefined)));
    pick.show();
}

export function toItem<T>(row: PickRow<T> | { separator: string }): Item<T> {
    if ("separator" in row) return { label: row.separator, kind: QuickPickItemKind.Separator };
    return {
        label: row.label,
        ...(row.description ? { description: row.description } : {}),
        ...(row.detail ? { detail: row.detail } : {}),
        value: row.value,
    };
}
