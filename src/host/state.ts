/**
 * What is remembered between windows: small facts in the Memento, the Hub token in SecretStorage. Chats have their own files, and so have jobs that
 * have not ended: VS Code writes a Memento some time after it is told, and a window may be gone by then.
 */

import type { ExtensionContext } from "vscode";
import { readJsonFile, writeJsonFile } from "../node/jsonFile";
import { isPendingJob, type PendingJob } from "./models/pendingJob";

const KEY = {
    nAccepted: "ingot.nAccepted",
    hasSuggested: "ingot.hasSuggested",
    finishedJobs: "ingot.finishedJobs",
    pendingJobs: "ingot.pendingJobs",
    editInstructions: "ingot.editInstructions",
    lastChat: "ingot.lastChat",
} as const;
/** One secret per origin: a token is not sent to another address than its own. */
const HUB_TOKEN = "ingot.hubToken:";

/** A job that ended, as the Models view lists it for a day. */
export interface FinishedJob {
    id: string;
    title: string;
    /** Short, for narrow places; default: the title. */
    what?: string | undefined;
    /** ms since 1970. */
    endedAt: number;
    result: { kind: "done"; file: string; bytes: number } | { kind: "failed"; message: string };
}

export class State {
    constructor(
        private readonly context: Pick<
            ExtensionContext,
            "globalState" | "workspaceState" | "secrets"
        >,
        /** Where jobs of this workspace are kept; undefined in a window without a folder, of which there may be several. */
        private readonly jobsFile: string | undefined,
    ) {}

    get nAccepted(): number {
        return this.context.globalState.get(KEY.nAccepted, 0);
    }

    countAccepted(): Thenable<void> {
        return this.context.globalState.update(KEY.nAccepted, this.nAccepted + 1);
    }

    get hasSuggested(): boolean {
        return this.context.globalState.get(KEY.hasSuggested, false);
    }

    rememberSuggested(): Thenable<void> {
        return this.context.globalState.update(KEY.hasSuggested, true);
    }

    get finishedJobs(): FinishedJob[] {
        return this.context.globalState.get<FinishedJob[]>(KEY.finishedJobs, []);
    }

    setFinishedJobs(jobs: readonly FinishedJob[]): Thenable<void> {
        return this.context.globalState.update(KEY.finishedJobs, jobs);
    }

    /** Of this workspace: another window must not take them over while they run here. */
    get pendingJobs(): PendingJob[] {
        const { jobsFile } = this;
        const stored =
            jobsFile === undefined
                ? this.context.workspaceState.get<unknown>(KEY.pendingJobs)
                : readJsonFile(jobsFile);
        return Array.isArray(stored) ? stored.filter(isPendingJob) : [];
    }

    /** On the disk when it returns, where the workspace has a folder for it. */
    setPendingJobs(jobs: readonly PendingJob[]): Thenable<void> {
        if (this.jobsFile !== undefined) {
            writeJsonFile(this.jobsFile, jobs);
            return Promise.resolve();
        }
        return this.context.workspaceState.update(KEY.pendingJobs, jobs);
    }

    /** What was asked of edits in this workspace, newest first. */
    get editInstructions(): string[] {
        const stored = this.context.workspaceState.get<unknown>(KEY.editInstructions);
        return Array.isArray(stored) ? stored.filter((one) => typeof one === "string") : [];
    }

    setEditInstructions(instructions: readonly string[]): Thenable<void> {
        return this.context.workspaceState.update(KEY.editInstructions, instructions);
    }

    /** Id of the chat that was open last in this workspace. */
    get lastChat(): string | undefined {
        return this.context.workspaceState.get(KEY.lastChat);
    }

    setLastChat(id: string | undefined): Thenable<void> {
        return this.context.workspaceState.update(KEY.lastChat, id);
    }

    hubToken(origin: string): Thenable<string | undefined> {
        return this.context.secrets.get(HUB_TOKEN + origin);
    }

    /** Undefined forgets it. */
    setHubToken(origin: string, token: string | undefined): Thenable<void> {
        const key = HUB_TOKEN + origin;
        return token === undefined
            ? this.context.secrets.delete(key)
            : this.context.secrets.store(key, token);
    }
}
