/**
 * VS Code's Chat asks to sign in once, although a local model needs no account: its own set-up step without one. The command behind it is
 * internal and may go away; the setting that does the same is named then.
 */

import { commands } from "vscode";
import { AppError } from "../../base/errors";

const SET_UP = "workbench.action.chat.triggerSetupAnonymousWithoutDialog";
const OPEN_CHAT = "workbench.action.chat.open";

/** Throws AppError `user/setting` when this VS Code has no such step. */
export async function setUpAgent(): Promise<void> {
    const isDone = await commands.executeCommand(SET_UP).then(
        (result) => result !== false,
        () => false,
    );
    if (!isDone)
        throw new AppError(
            "user/setting",
            "This VS Code cannot set up its Chat without signing in by itself; set chat.allowAnonymousAccess to true in the settings and send a message",
        );
    await commands.executeCommand(OPEN_CHAT);
}
