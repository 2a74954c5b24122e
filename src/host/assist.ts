/**
 * Wires what works on code beside the side bar: `@ingot`, the light bulb, commit messages, the tools for other chats. Owns nothing of
 * their logic; `app.ts` calls this once.
 */

import { commands, Range, Uri, window, workspace, type TextDocument } from "vscode";
import { AppError } from "../base/errors";
import { DisposableStore, type Disposable } from "../base/lifecycle";
import type { Log } from "../base/log";
import { slashQuestion, whatIsMissing } from "../prompt/slash/messages";
import { SLASH } from "../prompt/slash/table";
import type { ChatModel, ChatView } from "./chat/view";
import type { Codebase } from "./codebase/codebase";
import type { Handler } from "./commands";
import { readChanges } from "./commit/changes";
import { CommitMessages } from "./commit/command";
import { chooseRepository } from "./commit/git";
import { SourceFiles } from "./context/sourceFiles";
import type { Settings } from "./config";
import type { Applying } from "./edit/applying";
import type { Engine } from "./engine";
import { APPLY_ANSWER_COMMAND, COMMAND, USE_MESSAGE_COMMAND } from "./manifest";
import { mendingButton, type Notify } from "./notify";
import { registerParticipant } from "./participant/participant";
import type { Asker } from "./slash/ask";
import type { ActionName } from "./slash/actions";
import { registerActions } from "./slash/codeActions";
import { blockOf, contextOf, placeOf } from "./slash/place";
import { isTarget } from "./slash/target";
import { registerTools } from "./tools/register";

export interface AssistOptions {
    extensionUri: Uri;
    engine: Engine;
    model: () => ChatModel;
    chat: ChatView;
    /** Puts the code of answers into files, for review. */
    applying: Applying;
    codebase: Codebase;
    settings: Settings;
    notify: Notify;
    log: Log;
}

export class Assist implements Disposable {
    private readonly store = new DisposableStore();
    private readonly files: SourceFiles;
    private readonly commits: CommitMessages;

    constructor(private readonly options: AssistOptions) {
        const { engine, model, settings, log, extensionUri, notify, codebase } = options;
        const asker: Asker = { engine, model };
        this.files = this.store.add(new SourceFiles(settings));
        const { files, store } = this;
        this.commits = store.add(new CommitMessages({ asker, files, log: log.child("commit") }));
        store.add(
            registerParticipant({
                asker,
                files,
                codebase,
                log: log.child("participant"),
                iconPath: Uri.joinPath(extensionUri, "media", "ingot.svg"),
                changes: async (signal) => {
                    const repository = await chooseRepository(undefined, signal);
                    return { repository, changes: await readChanges(repository, files) };
                },
                mend: mendingButton,
            }),
        );
        store.add(registerTools({ files, codebase, log: log.child("tools") }));
        store.add(registerActions());
        const shown =
            (work: (...args: unknown[]) => Promise<void>) =>
            (...args: unknown[]) =>
                work(...args).catch((error: unknown) => void notify.error(error));
        store.add(
            commands.registerCommand(
                APPLY_ANSWER_COMMAND,
                shown((target, code) => this.apply(target, code)),
            ),
        );
        store.add(commands.registerCommand(USE_MESSAGE_COMMAND, shown(useGiven)));
    }

    get commands() {
        return {
            [COMMAND.explain]: (uri, range) => this.run("explain", uri, range),
            [COMMAND.fix]: (uri, range) => this.run("fix", uri, range),
            [COMMAND.generateDoc]: (uri, range) => this.run("doc", uri, range),
            [COMMAND.generateTests]: (uri, range) => this.run("tests", uri, range),
            ...this.commits.commands,
        } satisfies Record<string, Handler>;
    }

    dispose(): void {
        this.store.dispose();
    }

    private async apply(target: unknown, code: unknown): Promise<void> {
        if (!isTarget(target) || typeof code !== "string") return;
        await this.options.applying.applyAnswer(target, code);
    }

    /** Asks in the side bar about given lines, else about the active editor. Throws AppError when there is no code. */
    private async run(name: ActionName, uri: unknown, range: unknown): Promise<void> {
        const command = SLASH[name];
        const { document, selection } = await codeGiven(uri, range);
        const place = await placeOf(document, selection, command.code);
        const context = place && (await contextOf(place, command));
        const missing = whatIsMissing(command, { ...context, blocks: [] });
        if (!place || !context || missing !== undefined)
            throw new AppError("user/usage", missing ?? "There is no code to work on");
        await this.options.chat.askAbout(
            slashQuestion(command, context),
            (room) => [blockOf(place, room)],
            command.maxTokens,
        );
    }
}

async function codeGiven(
    uri: unknown,
    range: unknown,
): Promise<{ document: TextDocument; selection: Range }> {
    if (uri instanceof Uri && range instanceof Range)
        return { document: await workspace.openTextDocument(uri), selection: range };
    const editor = window.activeTextEditor;
    if (!editor)
        throw new AppError(
            "user/usage",
            "There is no code to work on; open a file or select lines",
        );
    return editor;
}

async function useGiven(root: unknown, message: unknown): Promise<void> {
    if (typeof root !== "string" || typeof message !== "string") return;
    const repository = await chooseRepository(root, new AbortController().signal);
    repository.inputBox.value = message;
    await commands.executeCommand("workbench.view.scm");
}
