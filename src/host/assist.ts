/**
 * What works on code beside the side bar: the commands of the light bulb, `@ingot`, commit messages, the tools for other chats. Owns nothing
 * of their logic; VS Code knows of them by `doors.ts`.
 */

import {
    commands,
    Range,
    Uri,
    window,
    workspace,
    type ChatFollowup,
    type ChatResult,
    type TextDocument,
} from "vscode";
import { AppError } from "../base/errors";
import type { Disposable } from "../base/lifecycle";
import type { Log } from "../base/log";
import { slashQuestion, whatIsMissing } from "../prompt/slash/messages";
import { SLASH } from "../prompt/slash/table";
import type { ChatModel, ChatView } from "./chat/view";
import type { Codebase } from "./codebase/codebase";
import type { Handler } from "./commands";
import { readChanges } from "./commit/changes";
import { CommitMessages } from "./commit/command";
import { chooseRepository } from "./commit/git";
import type { SourceFiles } from "./context/sourceFiles";
import type { Applying } from "./edit/applying";
import type { Engine } from "./engine";
import { COMMAND } from "./manifest";
import { mendingButton } from "./notify";
import { answer, followUps, type Asked, type ParticipantOptions } from "./participant/participant";
import type { Asker } from "./slash/ask";
import type { ActionName } from "./slash/actions";
import { blockOf, contextOf, placeOf } from "./slash/place";
import { isTarget } from "./slash/target";
import { makeTools } from "./tools/make";

export interface AssistOptions {
    engine: Engine;
    model: () => ChatModel;
    chat: ChatView;
    /** Puts the code of answers into files, for review. */
    applying: Applying;
    codebase: Codebase;
    files: SourceFiles;
    log: Log;
}

export class Assist implements Disposable {
    /** By the names of `TOOL`. */
    readonly tools: ReturnType<typeof makeTools>;
    private readonly participant: ParticipantOptions;
    private readonly commits: CommitMessages;

    constructor(private readonly options: AssistOptions) {
        const { engine, model, files, log, codebase } = options;
        const asker: Asker = { engine, model };
        this.commits = new CommitMessages({ asker, files, log: log.child("commit") });
        this.tools = makeTools({ files, codebase, log: log.child("tools") });
        this.participant = {
            asker,
            files,
            codebase,
            log: log.child("participant"),
            changes: async (signal) => {
                const repository = await chooseRepository(undefined, signal);
                return { repository, changes: await readChanges(repository, files) };
            },
            mend: mendingButton,
        };
    }

    /** Answers one message to `@ingot`. Never rejects: a failure is part of the result. */
    answer(asked: Asked): Promise<ChatResult> {
        return answer(asked, this.participant);
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
        this.commits.dispose();
    }

    /** Puts the code of an answer where it belongs, for review. Arguments: of a button below it. */
    async apply(target: unknown, code: unknown, fence?: unknown): Promise<void> {
        if (!isTarget(target) || typeof code !== "string") return;
        const word = typeof fence === "string" ? fence : undefined;
        await this.options.applying.applyAnswer(target, code, word);
    }

    /** Puts a message into the input of the repository with that root. Arguments: of a button below an answer. */
    async useMessage(root: unknown, message: unknown): Promise<void> {
        if (typeof root !== "string" || typeof message !== "string") return;
        const repository = await chooseRepository(root, new AbortController().signal);
        repository.inputBox.value = message;
        await commands.executeCommand("workbench.view.scm");
    }

    /** What one may want after an answer of `@ingot`. */
    followUps(command: unknown): ChatFollowup[] {
        return followUps(command);
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
