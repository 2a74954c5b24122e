/**
 * Asks what is to be done with some lines. Earlier instructions are listed below what is typed, the newest first; Enter takes what is
 * typed, or the one that was chosen. Nothing typed and nothing chosen is no instruction.
 */

import { window, type QuickPickItem } from "vscode";
import { DisposableStore } from "../../base/lifecycle";

export interface InstructionOptions {
    /** `lines 10-24 of app.ts`. */
    place: string;
    /** Newest first. */
    history: readonly string[];
}

const MAX_HISTORY = 30;
/** The list always has an active row; this one means nothing, so that Enter alone does nothing. */
const NONE: QuickPickItem = { label: "Type what to change, or choose below", alwaysShow: true };

/** Undefined when it was closed, or nothing was asked for. */
export function askInstruction({
    place,
    history,
}: InstructionOptions): Promise<string | undefined> {
    const store = new DisposableStore();
    const pick = store.add(window.createQuickPick());
    pick.title = `Edit ${place}`;
    pick.placeholder = "What to change, such as: add a null check";
    pick.ignoreFocusOut = true;
    const earlier: QuickPickItem[] = history.map((label) => ({ label }));
    const untyped = earlier.length > 0 ? [NONE, ...earlier] : [];
    pick.items = untyped;
    store.add(
        pick.onDidChangeValue((value) => {
            const typed = value.trim();
            const own = { label: typed, description: "Enter", alwaysShow: true };
            pick.items =
                typed === "" ? untyped : [own, ...earlier.filter((e) => e.label !== typed)];
            if (typed !== "") pick.activeItems = [own];
        }),
    );
    return new Promise((resolve) => {
        store.add(
            pick.onDidAccept(() => {
                const [active] = pick.activeItems;
                const text = active?.label ?? pick.value.trim();
                if (active === NONE || text === "") return;
                resolve(text);
                pick.hide();
            }),
        );
        store.add(
            pick.onDidHide(() => {
                resolve(undefined);
                store.dispose();
            }),
        );
        pick.show();
    });
}

/** The history with an instruction at its front. */
export function remembered(history: readonly string[], instruction: string): string[] {
    return [instruction, ...history.filter((one) => one !== instruction)].slice(0, MAX_HISTORY);
}
