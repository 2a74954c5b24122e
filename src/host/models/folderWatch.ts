/** Tells when a model's file comes into the library's folder, is written over or goes: somebody copied, renamed or deleted it by hand. */

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

/** Files under another name, such as those that are being downloaded, are none of it. A folder that is not there yet makes no events. */
export function watchModels({ folder, settings, onChange }: FolderWatchOptions): Disposable {
    const store = new DisposableStore();
    const watching = store.add(new MutableDisposable<Disposable>());
    let watched = "";
    let timer: NodeJS.Timeout | undefined;
    const later = () => {
        clearTimeout(timer);
        timer = setTimeout(onChange, QUIET_MS);
    };
    store.add(toDisposable(() => clearTimeout(timer)));
    const watch = () => {
        if (folder() === watched) return;
        watched = folder();
        const files = new DisposableStore();
        const pattern = new RelativePattern(Uri.file(watched), "*.gguf");
        const watcher = files.add(workspace.createFileSystemWatcher(pattern));
        for (const event of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete])
            files.add(event(later));
        watching.value = files;
    };
    watch();
    store.add(settings.onDidChange(watch));
    return store;
}
