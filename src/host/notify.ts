/**
 * Messages to the person: the only caller of show*Message. An AppError becomes its sentence with the buttons that mend it;
 * being cancelled is silent; what is not an AppError is a fault of ours and offers the log.
 */

import { commands, window } from "vscode";
import { AppError, isCancelled, toWire, type ErrorCode } from "../base/errors";
import type { Log } from "../base/log";
import { COMMAND, type CommandId, type OPEN_COMMAND } from "./manifest";

export interface Button {
    /** A verb. */
    label: string;
    command: CommandId | typeof OPEN_COMMAND;
    arguments?: unknown[];
}

const SHOW_LOG: Button = { label: "Show Log", command: COMMAND.showLog };
const SELECT: Button = { label: "Select Model", command: COMMAND.selectModel };
const SETTINGS: Button = { label: "Open Settings", command: COMMAND.openSettings };
const RESTART: Button = { label: "Restart Engine", command: COMMAND.restartEngine };

const MENDS: Partial<Record<ErrorCode, Button>> = {
    "user/setting": SETTINGS,
    "user/no-model": SELECT,
    "env/memory": SELECT,
    "env/gpu": SETTINGS,
    "data/gguf": SELECT,
    "data/template": SELECT,
    "data/unsupported": SELECT,
    "data/architecture": SELECT,
    "engine/gone": RESTART,
    "engine/load": SELECT,
};

/** The button that mends an error, if one does. */
export function mendingButton(code: ErrorCode): Button | undefined {
    return MENDS[code];
}

export class Notify {
    constructor(private readonly log: Log) {}

    /** Logs the error with its detail and shows its sentence. Resolves when the message is gone. */
    async error(error: unknown, extra: readonly Button[] = []): Promise<void> {
        if (isCancelled(error)) return;
        const { code, message, detail } = toWire(error);
        this.log.error(message, { code, detail });
        const mend = error instanceof AppError ? mendingButton(code) : undefined;
        await this.show("error", sentence(message), [
            ...extra,
            ...(extra.length === 0 && mend ? [mend] : []),
            SHOW_LOG,
        ]);
    }

    /** Resolves when the message is gone. */
    async info(text: string, buttons: readonly Button[] = []): Promise<void> {
        await this.show("info", sentence(text), buttons);
    }

    async warn(text: string, buttons: readonly Button[] = []): Promise<void> {
        await this.show("warn", sentence(text), buttons);
    }

    /** A question that only a yes goes on from; modal, because data is at stake. */
    async confirm(question: string, yes: string, detail?: string): Promise<boolean> {
        const options = detail === undefined ? { modal: true } : { modal: true, detail };
        return (await window.showWarningMessage(question, options, yes)) === yes;
    }

    /** A choice that the work waits for; undefined when it was closed. */
    async choose(text: string, labels: readonly string[]): Promise<string | undefined> {
        return window.showWarningMessage(sentence(text), ...labels);
    }

    private async show(
        kind: "error" | "warn" | "info",
        text: string,
        buttons: readonly Button[],
    ): Promise<void> {
        const labels = buttons.map((button) => button.label);
        const show = {
            error: window.showErrorMessage,
            warn: window.showWarningMessage,
            info: window.showInformationMessage,
        }[kind];
        const picked = await show(text, ...labels);
        const button = buttons.find((candidate) => candidate.label === picked);
        if (button) await commands.executeCommand(button.command, ...(button.arguments ?? []));
    }
}

function sentence(text: string): string {
    return /[.?]$/.test(text) ? text : `${text}.`;
}
