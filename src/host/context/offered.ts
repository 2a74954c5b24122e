/**
 * The files of which pieces were given away, and what becomes of them: one that is deleted, renamed or ignored afterwards is told as
 * withdrawn, so that whoever keeps its text lets go of it.
 */

import { workspace, type Uri } from "vscode";
import { Emitter } from "../../base/event";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { Lru } from "../../base/lru";
import { IGNORE_FILES } from "./ignoreRules";
import type { SourceFiles } from "./sourceFiles";

const MAX_FILES = 500;

export class Offered implements Disposable {
    private readonly store = new DisposableStore();
    private readonly withdrawn = this.store.add(new Emitter<readonly string[]>());
    /** Names of files that may not be shown any more, as the model was told them. */
    readonly onDidWithdraw = this.withdrawn.event;
    /** By the name that the model is shown. */
    private readonly files = new Lru<string, Uri>(MAX_FILES);

    constructor(private readonly sources: Pick<SourceFiles, "mayShow" | "rulesChanged">) {
        const gone = this.store.add(workspace.createFileSystemWatcher("**/*", true, true));
        this.store.add(gone.onDidDelete((uri) => this.left(uri)));
        this.store.add(
            workspace.onDidRenameFiles(({ files }) => {
                for (const { oldUri } of files) this.left(oldUri);
            }),
        );
        const rules = this.store.add(
            workspace.createFileSystemWatcher(`**/{${IGNORE_FILES.join(",")}}`),
        );
        for (const changed of [rules.onDidChange, rules.onDidCreate, rules.onDidDelete])
            this.store.add(changed(() => this.check()));
    }

    add(path: string, uri: Uri): void {
        this.files.set(path, uri);
    }

    dispose(): void {
        this.store.dispose();
    }

    private left(uri: Uri): void {
        const key = uri.toString();
        const isOffered = this.files
            .values()
            .map(String)
            .some((file) => file === key || file.startsWith(`${key}/`));
        if (isOffered) this.check();
    }

    /** By the rules that hold now. */
    private check(): void {
        this.sources.rulesChanged();
        const asked = this.files
            .entries()
            .map(async ([path, uri]) => ((await this.sources.mayShow(uri)) ? [] : [path]));
        void Promise.all(asked).then((found) => {
            const paths = found.flat();
            for (const path of paths) this.files.delete(path);
            if (paths.length > 0) this.withdrawn.fire(paths);
        });
    }
}
