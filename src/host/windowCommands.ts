/** Commands about the window and its switches: the action list of the status bar, toggles, engine restart, settings, chat. */

import { commands, window } from "vscode";
import { AppError } from "../base/errors";
import type { Handler } from "./commands";
import { languageSwitch, SETTING, type Settings } from "./config";
import { writeSetting } from "./editorSettings";
import type { Engine } from "./engine";
import { COMMAND } from "./manifest";
import { pickOne, type PickRow } from "./models/pick";
import type { Button } from "./notify";
import type { StatusText } from "./status";

export interface WindowCommandOptions {
    engine: Engine;
    settings: Settings;
    status: () => StatusText;
    extensionId: string;
}

export function windowCommands(options: WindowCommandOptions) {
    const { engine, settings, extensionId } = options;
    return {
        [COMMAND.showActions]: () => showActions(options.status()),
        [COMMAND.toggleCompletions]: () => toggle(settings),
        [COMMAND.toggleCompletionsForLanguage]: (languageId) =>
            toggleLanguage(settings, languageId),
        [COMMAND.restartEngine]: () => engine.restart(),
        [COMMAND.openSettings]: () =>
            commands.executeCommand("workbench.action.openSettings", `@ext:${extensionId}`),
    } satisfies Record<string, Handler>;
}

const ACTIONS: readonly Button[] = [
    { label: "$(arrow-swap) Select Model...", command: COMMAND.selectModel },
    { label: "$(comment-discussion) Open Chat", command: COMMAND.openChat },
    {
        label: "$(robot) Set Up VS Code's Chat Without Signing In",
        command: COMMAND.setUpAgent,
    },
    { label: "$(circle-slash) Toggle Completions", command: COMMAND.toggleCompletions },
    {
        label: "$(symbol-keyword) Toggle Completions for This Language",
        command: COMMAND.toggleCompletionsForLanguage,
    },
    {
        label: "$(root-folder) Toggle Completions for This Workspace",
        command: COMMAND.toggleCompletionsForWorkspace,
    },
    { label: "$(bell-slash) Snooze Completions...", command: COMMAND.snooze },
    { label: "$(mute) Toggle Quiet Mode", command: COMMAND.toggleQuiet },
    { label: "$(question) Why No Suggestion?", command: COMMAND.whyNoSuggestion },
    { label: "$(note) Show Last Prompt", command: COMMAND.showLastPrompt },
    { label: "$(record) Record This Moment...", command: COMMAND.recordMoment },
    { label: "$(add) Convert a Model...", command: COMMAND.convertModel },
    { label: "$(debug-restart) Restart Engine", command: COMMAND.restartEngine },
    { label: "$(output) Show Log", command: COMMAND.showLog },
    { label: "$(report) Report", command: COMMAND.report },
    { label: "$(gear) Open Settings", command: COMMAND.openSettings },
];

/** What the status is, its own actions first, then everything. */
async function showActions(status: StatusText): Promise<void> {
    const now = status.actions;
    const others = ACTIONS.filter(
        ({ command }) => !now.some((action) => action.command === command),
    );
    const picked = await pickOne<Button>({
        title: status.title,
        placeholder: status.details[0] ?? "Choose an action",
        rows: [
            ...now.map(withIcon).map(toRow),
            ...(now.length > 0 ? [{ separator: "More" }] : []),
            ...others.map(toRow),
        ],
    });
    if (picked) await commands.executeCommand(picked.command, ...(picked.arguments ?? []));
}

/** An action of the status gets the icon that its command has in the list. */
function withIcon(button: Button): Button {
    const listed = ACTIONS.find(({ command }) => command === button.command);
    const icon = /^\$\([\w-]+\) /.exec(listed?.label ?? "")?.[0] ?? "";
    return { ...button, label: icon + button.label };
}

function toRow(button: Button): PickRow<Button> {
    return { label: button.label, value: button };
}

async function toggle(settings: Settings): Promise<boolean> {
    const on = !settings.current.completionEnable;
    await writeSetting(SETTING.completionEnable, on);
    return on;
}

/** Switches completions for a language, the active editor's by default; returns the new state. */
async function toggleLanguage(settings: Settings, given: unknown): Promise<boolean> {
    const document = window.activeTextEditor?.document;
    const languageId = typeof given === "string" ? given : document?.languageId;
    if (languageId === undefined) {
        throw new AppError("user/usage", "No editor is open; open a file of the language first");
    }
    const scope = { languageId, uri: document?.uri };
    const present = languageSwitch(settings.for(scope), languageId);
    if (!present.on && present.by === "enable") {
        const isOverride = settings.current.completionEnable;
        await writeSetting(
            SETTING.completionEnable,
            true,
            isOverride ? scope : undefined,
            isOverride ? languageId : undefined,
        );
        return true;
    }
    const languages = { ...settings.for(scope).completionLanguages, [languageId]: !present.on };
    await writeSetting(SETTING.completionLanguages, languages);
    return !present.on;
}
