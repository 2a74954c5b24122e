/**
 * The files of which pieces were given away, and what becomes of them: one that is deleted, renamed, ignored or excluded afterwards is told
 * as withdrawn, so that whoever keeps its text lets go of it. Told too when a rule has changed: earlier windows have given others away.
 */

import { workspace, type Uri } from "vscode";
import { Emitter } from "../../base/event";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { Lru } from "../../base/lru";
import { IGNORE_FILES } from "../../context/ignoreRules";
import { EXCLUDE_SETTINGS, type SourceFiles } from "./sourceFiles";

const MAX_FILES = 2000;

export class Offered implements Disposable {
    private readonly store = new DisposableStore();
    private readonly withdrawn = this.store.add(new Emitter<readonly string[]>());
    /** URIs of files that may not be shown any more; none of these when only the rules are others. */
    readonly onDidWithdraw = this.withdrawn.event;
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
            this.store.add(changed(() => this.check({ hasOtherRules: true })));
        this.store.add(
            workspace.onDidChangeConfiguration((event) => {
                const isRule = EXCLUDE_SETTINGS.some((key) => event.affectsConfiguration(key));
                if (isRule) this.check({ hasOtherRules: true });
            }),
        );
    }

    add(uri: Uri): void {
        this.files.set(uri.toString(), uri);
    }

    dispose(): void {
        this.store.dispose();
    }

    private left(uri: Uri): void {
        const key = uri.toString();
        const files = this.files.entries().map(([file]) => file);
        if (files.some((file) => file === key || file.startsWith(`${key}/`)))
            this.check({ hasOtherRules: false });
    }

    /** By the rules that hold now. */
    private check({ hasOtherRules }: { hasOtherRules: boolean }): void {
        this.sources.rulesChanged();
        const asked = this.files
            .entries()
            .map(async ([file, uri]) => ((await this.sources.mayShow(uri)) ? [] : [file]));
        void Promise.all(asked).then((found) => {
            const files = found.flat();
            for (const file of files) this.files.delete(file);
            if (files.length > 0 || hasOtherRules) this.withdrawn.fire(files);
        });
    }
}
