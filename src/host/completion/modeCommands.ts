/** Commands that make completions be silent for a while, in this workspace, or until they are asked for; and those that end it. */

import { commands, ConfigurationTarget, workspace } from "vscode";
import { AppError } from "../../base/errors";
import type { Handler } from "../commands";
import { SETTING, type Settings } from "../config";
import { writeSetting } from "../editorSettings";
import { COMMAND } from "../manifest";
import type { Modes } from "../modes";
import { pickOne } from "../models/pick";

/** Minutes offered; the first is VS Code's own. */
const MINUTES = [5, 15, 60];
const MAX_MINUTES = 24 * 60;

export function modeCommands(modes: Modes, settings: Settings) {
    return {
        [COMMAND.snooze]: (minutes) => snooze(modes, minutes),
        [COMMAND.endSnooze]: () => modes.snooze(0),
        [COMMAND.toggleQuiet]: () =>
            writeSetting(SETTING.completionQuiet, !settings.current.completionQuiet),
        [COMMAND.suggestOnBattery]: () => writeSetting(SETTING.completionQuietOnBattery, false),
        [COMMAND.toggleCompletionsForWorkspace]: () => toggleForWorkspace(settings),
    } satisfies Record<string, Handler>;
}

/** For so many minutes, asked for when none are given. */
async function snooze(modes: Modes, given: unknown): Promise<void> {
    if (typeof given === "number" && given > 0) return modes.snooze(Math.min(given, MAX_MINUTES));
    const picked = await pickOne<number | "all">({
        title: "Snooze Completions",
        placeholder: "Ingot suggests nothing for",
        rows: [
            ...MINUTES.map((minutes) => ({ label: `${minutes} minutes`, value: minutes })),
            { separator: "Every extension" },
            {
                label: "Snooze all inline suggestions...",
                description: "VS Code's own snooze",
                value: "all" as const,
            },
        ],
    });
    if (picked === "all") await commands.executeCommand("editor.action.inlineSuggest.snooze");
    else if (picked !== undefined) modes.snooze(picked);
}

/** Returns the new state. What the user's own settings say comes back with the second call. */
async function toggleForWorkspace(settings: Settings): Promise<boolean> {
    if (!workspace.workspaceFolders) {
        throw new AppError(
            "user/usage",
            "No folder is open; open one to switch completions for it",
        );
    }
    const on = !settings.current.completionEnable;
    const section = workspace.getConfiguration("ingot");
    const key = SETTING.completionEnable.key;
    const isBack = section.inspect<boolean>(key)?.workspaceValue !== undefined;
    const elsewhere =
        section.inspect<boolean>(key)?.globalValue ?? SETTING.completionEnable.default;
    const value = isBack && elsewhere === on ? undefined : on;
    await section.update(key, value, ConfigurationTarget.Workspace);
    return on;
}
