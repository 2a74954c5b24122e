/**
 * Registers the commands. Every handler runs inside one boundary that logs, shows what failed, and never lets an error escape to VS Code's
 * own message. The handlers come with the part that a command belongs to, which is loaded when the first of them runs.
 */

import { commands } from "vscode";
import { DisposableStore, type Disposable } from "../base/lifecycle";
import { COMMAND } from "./manifest";
import type { Notify } from "./notify";

/** Arguments come from menus, buttons, tests and other extensions: each handler checks its own. */
export type Handler = (...args: unknown[]) => unknown;

/** What is loaded at first use (`parts/`). */
export type PartName = "assistant" | "library" | "help";

/** Whose each command is. */
const PART_OF = {
    showActions: "help",
    selectModel: "library",
    getModel: "library",
    convertModel: "library",
    quantizeModel: "library",
    makeImatrix: "library",
    compareQuantizations: "library",
    inspectGguf: "library",
    publish: "library",
    useForCompletions: "library",
    useForChat: "library",
    revealModel: "library",
    removeModel: "library",
    setHubToken: "library",
    refreshModels: "library",
    cancelJob: "library",
    dismissJob: "library",
    openChat: "assistant",
    newChat: "assistant",
    chatHistory: "assistant",
    renameChat: "assistant",
    exportChat: "assistant",
    deleteChat: "assistant",
    setUpAgent: "help",
    stopChat: "assistant",
    askAboutSelection: "assistant",
    explain: "assistant",
    fix: "assistant",
    generateDoc: "assistant",
    generateTests: "assistant",
    writeCommitMessage: "assistant",
    stopCommitMessage: "assistant",
    editSelection: "assistant",
    acceptChange: "assistant",
    rejectChange: "assistant",
    acceptAllChanges: "assistant",
    rejectAllChanges: "assistant",
    nextChange: "assistant",
    previousChange: "assistant",
    toggleCompletions: "help",
    toggleCompletionsForLanguage: "help",
    toggleCompletionsForWorkspace: "help",
    toggleQuiet: "help",
    suggestOnBattery: "help",
    snooze: "help",
    endSnooze: "help",
    whyNoSuggestion: "help",
    showLastPrompt: "help",
    recordMoment: "help",
    report: "help",
    showLog: "help",
    restartEngine: "help",
    openSettings: "help",
} as const satisfies Record<keyof typeof COMMAND, PartName>;

type NamesOf<P extends PartName> = {
    [N in keyof typeof PART_OF]: (typeof PART_OF)[N] extends P ? N : never;
}[keyof typeof PART_OF];

/** The handlers of a part. A command without a handler does not compile. */
export type CommandsOf<P extends PartName> = Record<(typeof COMMAND)[NamesOf<P>], Handler>;

/** Loads the handlers of a part. Rejects with AppError. */
export type FindCommands = (part: PartName) => Promise<Readonly<Record<string, Handler>>>;

export function registerCommands(find: FindCommands, notify: Notify): Disposable {
    const store = new DisposableStore();
    for (const name of Object.keys(COMMAND) as (keyof typeof COMMAND)[]) {
        const id = COMMAND[name];
        const work = async (...args: unknown[]) => (await find(PART_OF[name]))[id]?.(...args);
        store.add(commands.registerCommand(id, shown(work, notify)));
    }
    return store;
}

/** A handler that shows what failed and resolves then. */
export function shown(work: (...args: unknown[]) => Promise<unknown>, notify: Notify): Handler {
    return async (...args) => {
        try {
            return await work(...args);
        } catch (error) {
            void notify.error(error);
            return undefined;
        }
    };
}
