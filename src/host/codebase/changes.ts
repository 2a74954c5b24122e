/** What happened to the workspace's files since the index was last brought up to date. Only remembers; made when somebody first searches. */

import { workspace, type Uri } from "vscode";
import { Emitter } from "../../base/event";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { IGNORE_FILES } from "../../context/ignoreRules";

/** More than so many, and looking through everything is quicker. */
const MAX_CHANGED = 1000;

export class Changes implements Disposable {
    private readonly store = new DisposableStore();
    private readonly happened = this.store.add(new Emitter<void>());
    readonly onDidChange = this.happened.event;
    private readonly rules = this.store.add(new Emitter<void>());
    /** What may be shown may be another thing now. */
    readonly onDidChangeRules = this.rules.event;
    private readonly changed = new Map<string, Uri>();
    private isAll = true;

    constructor() {
        const { store } = this;
        const files = store.add(workspace.createFileSystemWatcher("**/*"));
        for (const event of [files.onDidChange, files.onDidCreate, files.onDidDelete])
            store.add(event((uri) => this.file(uri)));
        store.add(
            workspace.onDidChangeConfiguration((event) => {
                const keys = ["files.exclude", "search.exclude", "ingot.context"];
                if (keys.some((key) => event.affectsConfiguration(key))) this.everything();
            }),
        );
        store.add(workspace.onDidChangeWorkspaceFolders(() => this.everything()));
    }

    /** Everything has to be looked through again. */
    all(): void {
        this.isAll = true;
        this.changed.clear();
    }

    /** What happened since the last call; undefined: anything may have. */
    take(): Uri[] | undefined {
        const taken = this.isAll ? undefined : [...this.changed.values()];
        this.isAll = false;
        this.changed.clear();
        return taken;
    }

    dispose(): void {
        this.store.dispose();
    }

    private file(uri: Uri): void {
        if (IGNORE_FILES.includes(uri.path.split("/").at(-1) ?? "")) return this.everything();
        if (this.isAll) return;
        this.changed.set(uri.toString(), uri);
        if (this.changed.size > MAX_CHANGED) this.all();
        this.happened.fire();
    }

    private everything(): void {
        this.all();
        this.rules.fire();
        this.happened.fire();
    }
}
