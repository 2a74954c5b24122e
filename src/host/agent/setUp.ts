/**
 * VS Code's Chat asks to sign in once, although a local model needs no account: its own set-up step without one. The command behind it is
 * internal and may go away; the setting that does the same is named then. It ends before the agent is there: a question in between would be asked to sign in.
 */

import { commands, extensions, ProgressLocation, window } from "vscode";
import { AppError } from "../../base/errors";

const SET_UP = "workbench.action.chat.triggerSetupAnonymousWithoutDialog";
const OPEN_CHAT = "workbench.action.chat.open";
/** Part of VS Code; has its agents. */
const AGENTS = "GitHub.copilot-chat";
/** Its start takes a second or two. */
const MAX_START_MS = 20_000;

/** Throws AppError `user/setting` when this VS Code has no such step. */
export async function setUpAgent(): Promise<void> {
    const title = "Setting up VS Code's Chat";
    const where = { location: ProgressLocation.Notification, title };
    const isStarted = await window.withProgress(where, async () => {
        const isDone = await commands.executeCommand(SET_UP).then(
            (result) => result !== false,
            () => false,
        );
        if (!isDone)
            throw new AppError(
                "user/setting",
                "This VS Code cannot set up its Chat without signing in by itself; set chat.allowAnonymousAccess to true in the settings and send a message",
            );
        return agentsStarted();
    });
    await commands.executeCommand(OPEN_CHAT);
    if (isStarted)
        void window.showInformationMessage(
            "VS Code's Chat is set up: choose a model below its box.",
        );
    else
        void window.showWarningMessage(
            "VS Code's Chat is set up, but GitHub Copilot Chat, the part of VS Code that has its agents, did not start; see whether it is switched off",
        );
}

/** False when they do not start. */
async function agentsStarted(): Promise<boolean> {
    let stop = (): void => undefined;
    const isThere = new Promise<boolean>((resolve) => {
        const look = () => {
            const agents = extensions.getExtension(AGENTS);
            if (agents)
                Promise.resolve(agents.activate()).then(
                    () => resolve(true),
                    () => resolve(false),
                );
        };
        const changes = extensions.onDidChange(look);
        const limit = setTimeout(() => resolve(false), MAX_START_MS);
        stop = () => {
            changes.dispose();
            clearTimeout(limit);
        };
        look();
    });
    return isThere.finally(stop);
}
