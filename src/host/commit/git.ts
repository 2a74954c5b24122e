/**
 * The part of VS Code's built-in Git extension that commit messages need, typed by hand, and which of its repositories is meant.
 * Everything git does is that extension's: no process is started here.
 */

import { extensions, Uri, window, type Event } from "vscode";
import { onAbort } from "../../base/cancel";
import { AppError, cancelled } from "../../base/errors";
import { DisposableStore, toDisposable } from "../../base/lifecycle";
import { pickOne } from "../models/pick";

export interface GitChange {
    readonly uri: Uri;
    /** The extension's `Status`; 7 is untracked. */
    readonly status: number;
}

export interface GitRepository {
    readonly rootUri: Uri;
    readonly inputBox: { value: string };
    readonly state: {
        readonly indexChanges: readonly GitChange[];
        readonly workingTreeChanges: readonly GitChange[];
        readonly mergeChanges: readonly GitChange[];
        readonly untrackedChanges?: readonly GitChange[];
    };
    status(): Promise<void>;
    diff(cached?: boolean): Promise<string>;
    log(options: { maxEntries: number }): Promise<readonly { message: string }[]>;
}

interface GitApi {
    readonly state: "uninitialized" | "initialized";
    readonly onDidChangeState: Event<unknown>;
    readonly repositories: readonly GitRepository[];
    getRepository(uri: Uri): GitRepository | null;
}

interface GitExtension {
    readonly enabled: boolean;
    getAPI(version: 1): GitApi;
}

/** The extension looks for repositories first when a window opens. */
const INIT_MS = 5000;

/**
 * The repository of the view whose button was pressed (`given`). Without one that of the active editor; the only one, else the one that
 * the person chooses. Throws AppError when there is none; `cancelled` when none is chosen.
 */
export async function chooseRepository(
    given: unknown,
    signal: AbortSignal,
): Promise<GitRepository> {
    const api = await gitApi(signal);
    const { repositories } = api;
    const root = rootOf(given);
    const named = root && repositories.find((one) => one.rootUri.toString() === root.toString());
    if (named) return named;
    // A button that was pressed in another repository's view is never answered with the active editor's.
    const isGiven = given !== undefined && given !== null;
    const active = isGiven ? undefined : window.activeTextEditor?.document.uri;
    const own = active?.scheme === "file" ? api.getRepository(active) : null;
    if (own) return own;
    const [only, ...others] = repositories;
    if (!only)
        throw new AppError(
            "user/usage",
            "There is no Git repository in this window; open a folder of one, or run Git: Initialize Repository",
        );
    if (others.length === 0) return only;
    const chosen = await pickOne<GitRepository>({
        title: "Write Commit Message",
        placeholder: "Repository",
        rows: repositories.map((value) => ({
            label: value.rootUri.path.split("/").at(-1) ?? "",
            description: value.rootUri.fsPath,
            value,
        })),
    });
    if (!chosen) throw cancelled();
    return chosen;
}

async function gitApi(signal: AbortSignal): Promise<GitApi> {
    const extension = extensions.getExtension<GitExtension>("vscode.git");
    const git = await extension?.activate();
    if (!git?.enabled)
        throw new AppError(
            "user/usage",
            "Git is not available in this window; install git and check the setting git.enabled",
        );
    const api = git.getAPI(1);
    if (api.state === "uninitialized") await initialized(api, signal);
    return api;
}

async function initialized(api: GitApi, signal: AbortSignal): Promise<void> {
    const store = new DisposableStore();
    try {
        await new Promise<void>((resolve, reject) => {
            const timer = setTimeout(resolve, INIT_MS);
            store.add(toDisposable(() => clearTimeout(timer)));
            store.add(api.onDidChangeState(() => resolve()));
            store.add(toDisposable(onAbort(signal, () => reject(cancelled()))));
        });
    } finally {
        store.dispose();
    }
}

/** A vscode.SourceControl, or the address of a repository's folder. */
function rootOf(given: unknown): Uri | undefined {
    if (typeof given === "string") return Uri.parse(given);
    if (typeof given !== "object" || given === null || !("rootUri" in given)) return undefined;
    return given.rootUri instanceof Uri ? given.rootUri : undefined;
}
