/**
 * Paints one status twice: as the status bar item and as the language status item. Decides nothing: `status.ts` has the words.
 */

import {
    languages,
    LanguageStatusSeverity,
    MarkdownString,
    StatusBarAlignment,
    ThemeColor,
    window,
    type LanguageStatusItem,
    type StatusBarItem,
} from "vscode";
import { DisposableStore, type Disposable } from "../base/lifecycle";
import { COMMAND } from "./manifest";
import type { Button } from "./notify";
import type { StatusText } from "./status";

const SEVERITY = {
    information: LanguageStatusSeverity.Information,
    warning: LanguageStatusSeverity.Warning,
    error: LanguageStatusSeverity.Error,
} as const;

export class StatusBar implements Disposable {
    private readonly store = new DisposableStore();
    private readonly item: StatusBarItem;
    private readonly language: LanguageStatusItem;

    constructor() {
        this.item = this.store.add(
            window.createStatusBarItem("ingot.status", StatusBarAlignment.Right, 100),
        );
        this.item.name = "Ingot";
        this.item.command = COMMAND.showActions;
        this.language = this.store.add(
            languages.createLanguageStatusItem("ingot.status", { pattern: "**" }),
        );
        this.language.name = "Ingot";
    }

    show(status: StatusText): void {
        this.item.text = status.text;
        this.item.tooltip = hover(status);
        this.item.accessibilityInformation = { label: `Ingot: ${status.title}` };
        this.item.backgroundColor =
            status.severity === "information"
                ? undefined
                : new ThemeColor("statusBarItem.warningBackground");
        this.item.show();
        this.language.text = status.title;
        this.language.detail = status.details[0] ?? "Ingot";
        this.language.severity = SEVERITY[status.severity];
        this.language.busy = status.busy;
        const [first] = status.actions;
        this.language.command = first && {
            title: first.label,
            command: first.command,
            arguments: first.arguments ?? [],
        };
    }

    dispose(): void {
        this.store.dispose();
    }
}

function hover(status: StatusText): MarkdownString {
    const text = new MarkdownString(undefined, true);
    const { actions, last } = status;
    const links = last ? [last, ...actions] : actions;
    text.isTrusted = { enabledCommands: links.map(({ command }) => command) };
    text.appendMarkdown("**");
    text.appendText(status.title);
    text.appendMarkdown("**");
    for (const line of status.details) {
        text.appendMarkdown("\n\n");
        text.appendText(line);
    }
    if (last) text.appendMarkdown(`\n\n${link(last)}`);
    text.appendMarkdown(`\n\n${status.actions.map(link).join(" \u00a0|\u00a0 ")}`);
    return text;
}

function link({ label, command, arguments: args }: Button): string {
    const query = args ? `?${encodeURIComponent(JSON.stringify(args))}` : "";
    const words = label.replace(/[\\[\]*_`<>]/g, "\\$&");
    return `[${words}](command:${command}${query})`;
}
