/** The commands `Write Commit Message` and its stop: which repository, progress in the Source Control view, one at a time. */

import { commands, ProgressLocation, window } from "vscode";
import { AppError } from "../../base/errors";
import type { Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import type { Handler } from "../commands";
import { COMMAND, WRITING_MESSAGE_KEY } from "../manifest";
import type { Asker } from "../slash/ask";
import { readChanges, type FileReader } from "./changes";
import { chooseRepository } from "./git";
import { writeMessage } from "./writer";

export interface CommitOptions {
    asker: Asker;
    files: FileReader;
    log: Log;
}

export class CommitMessages implements Disposable {
    private running: AbortController | undefined;

    constructor(private readonly options: CommitOptions) {}

    get commands() {
        return {
            [COMMAND.writeCommitMessage]: (given: unknown) => this.write(given),
            [COMMAND.stopCommitMessage]: () => this.stop(),
        } satisfies Record<string, Handler>;
    }

    /** Resolves with the message. Throws AppError. */
    async write(given: unknown): Promise<string> {
        if (this.running)
            throw new AppError(
                "user/usage",
                "A commit message is being written already; stop it first",
            );
        const controller = new AbortController();
        this.running = controller;
        try {
            const { signal } = controller;
            const repository = await chooseRepository(given, signal);
            void commands.executeCommand("setContext", WRITING_MESSAGE_KEY, true);
            const { asker, files, log } = this.options;
            return await window.withProgress(
                { location: ProgressLocation.SourceControl, title: "Writing a commit message" },
                async () =>
                    writeMessage(
                        await readChanges(repository, files),
                        repository.inputBox,
                        { asker, log },
                        signal,
                    ),
            );
        } finally {
            this.running = undefined;
            void commands.executeCommand("setContext", WRITING_MESSAGE_KEY, false);
        }
    }

    stop(): void {
        this.running?.abort();
    }

    dispose(): void {
        this.stop();
    }
}
