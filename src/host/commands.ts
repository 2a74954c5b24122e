/**
 * Registers the command table. Every handler runs inside one boundary that logs, shows what failed, and never lets an
 * error escape to VS Code's own message.
 */

import { commands } from "vscode";
import { DisposableStore, type Disposable } from "../base/lifecycle";
import { COMMAND, type CommandId } from "./manifest";
import type { Notify } from "./notify";

/** Arguments come from menus, buttons, tests and other extensions: each handler checks its own. */
export type Handler = (...args: unknown[]) => unknown;
/** A command without a handler does not compile. */
export type CommandTable = Record<CommandId, Handler>;

export function registerCommands(table: CommandTable, notify: Notify): Disposable {
    const store = new DisposableStore();
    for (const id of Object.values(COMMAND)) {
        const run = async (...args: unknown[]) => {
            try {
                return await table[id](...args);
            } catch (error) {
                void notify.error(error);
                return undefined;
            }
        };
        store.add(commands.registerCommand(id, run));
    }
    return store;
}
