/**
 * Tells when a model's file comes into the library's folder, is written over or goes: somebody copied, renamed or deleted it by hand. A
 * folder that is not there yet makes no events: the nearest one that is there tells when it comes.
 */

import { dirname } from "node:path";
import { stat } from "node:fs/promises";
import { RelativePattern, Uri, workspace, type Disposable } from "vscode";
import { DisposableStore, MutableDisposable, toDisposable } from "../../base/lifecycle";
import type { Settings } from "../config";

/** A file that is being copied changes all the time: it is looked at when it has been quiet for so long. */
const QUIET_MS = 500;

export interface FolderWatchOptions {
    /** Absolute path; another one when the settings change. */
    folder: () => string;
    settings: Pick<Settings, "onDidChange">;
    onChange: () => void;
}

/** Files under another name, such as those that are being downloaded, are none of it. */
export function watchModels({ folder, settings, onChange }: FolderWatchOptions): Disposable {
    const store = new DisposableStore();
    const watching = store.add(new MutableDisposable<Disposable>());
    let wanted = "";
    let timer: NodeJS.Timeout | undefined;
    const later = () => {
        clearTimeout(timer);
        timer = setTimeout(onChange, QUIET_MS);
    };
    store.add(toDisposable(() => clearTimeout(timer)));
    const watch = async () => {
        const path = wanted;
        const there = await nearestFolder(path);
        if (path !== wanted || store.isDisposed) return;
        const isWhole = there === path;
        const files = new DisposableStore();
        watching.value = files;
        const pattern = new RelativePattern(Uri.file(there), isWhole ? "*.gguf" : "*");
        const watcher = files.add(workspace.createFileSystemWatcher(pattern));
        if (isWhole) {
            for (const event of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete])
                files.add(event(later));
            return;
        }
        const lookAgain = async () => {
            if ((await nearestFolder(path)) === there || watching.value !== files) return;
            await watch();
            // It may have come with files in it.
            later();
        };
        files.add(watcher.onDidCreate(() => void lookAgain()));
        // It may have come before the watcher was there.
        await lookAgain();
    };
    const follow = () => {
        if (folder() === wanted) return;
        wanted = folder();
        void watch();
    };
    follow();
    store.add(settings.onDidChange(follow));
    return store;
}

/** The folder itself, or the nearest one around it that is there. */
async function nearestFolder(path: string): Promise<string> {
    const isThere = await stat(path).then(
        (found) => found.isDirectory(),
        () => false,
    );
    return isThere || dirname(path) === path ? path : nearestFolder(dirname(path));
}
