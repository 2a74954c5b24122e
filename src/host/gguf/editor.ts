/**
 * The GGUF inspector in the editor: VS Code's own tab of a `*.gguf` file, and a panel for a file of the Hub. Both show the same page, whose
 * questions a session answers. Nothing of a file is read here.
 */

import { basename, dirname } from "node:path";
import {
    env,
    RelativePattern,
    Uri,
    ViewColumn,
    window,
    workspace,
    type WebviewPanel,
} from "vscode";
import { DisposableStore, toDisposable, type Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import { Channel } from "../../protocol/channel";
import type { GgufPlace, InspectorHostSide, InspectorPageSide } from "../../protocol/inspector";
import { serveScriptPage } from "../page/scriptPage";
import type { WorkerPort } from "../models/workers";
import { writeCopy } from "./copy";
import { InspectorSession } from "./session";

export interface GgufInspectorOptions {
    extensionUri: Uri;
    /** Build hash, the same as the page's. */
    build: string;
    log: Log;
    startWorker: () => WorkerPort;
    /** Endpoint and token of the Hub. */
    hub: () => Promise<{ endpoint: string; token?: string | undefined }>;
    withAccess: <T>(work: () => Promise<T>) => Promise<T>;
    /** Absolute path; undefined: the person went back. */
    pickImatrix: (place: GgufPlace) => Promise<string | undefined>;
}

/** The longest that a chat template may take, its worker's start included. */
const TEMPLATE_LIMIT_MS = 5000;

type HubFile = Omit<Extract<GgufPlace, { kind: "hub" }>, "endpoint" | "token">;

export class GgufInspector implements Disposable {
    private readonly store = new DisposableStore();
    private readonly hubPanels = new Map<string, WebviewPanel>();

    constructor(private readonly options: GgufInspectorOptions) {}

    /** The tab of a file on this computer. */
    openFile(uri: Uri, panel: WebviewPanel): void {
        const path = uri.fsPath;
        const { store, changed } = this.show(panel, () => Promise.resolve({ kind: "file", path }));
        const pattern = new RelativePattern(Uri.file(dirname(path)), basename(path));
        const watcher = store.add(workspace.createFileSystemWatcher(pattern));
        store.add(watcher.onDidChange(changed));
        store.add(watcher.onDidCreate(changed));
    }

    /** A file of a repository: one panel for each. */
    openHubFile(file: HubFile): void {
        const key = [file.repo, file.revision ?? "", file.file].join("\n");
        const known = this.hubPanels.get(key);
        if (known) return known.reveal();
        const title = file.file.split("/").at(-1) ?? file.file;
        const panel = window.createWebviewPanel("ingot.hubGguf", title, ViewColumn.Active);
        this.hubPanels.set(key, panel);
        const { store } = this.show(panel, async () => ({
            ...file,
            ...(await this.options.hub()),
        }));
        store.add(toDisposable(() => this.hubPanels.delete(key)));
    }

    dispose(): void {
        for (const panel of this.hubPanels.values()) panel.dispose();
        this.store.dispose();
    }

    /** `store` ends with the panel; `changed` tells its page that the file is another one. */
    private show(
        panel: WebviewPanel,
        place: () => Promise<GgufPlace>,
    ): { store: DisposableStore; changed: () => void } {
        const { extensionUri, startWorker, withAccess, pickImatrix, build, log } = this.options;
        const store = this.store.add(new DisposableStore());
        const session = store.add(
            new InspectorSession({
                startWorker,
                place,
                withAccess,
                writeCopy,
                pickImatrix,
                copy: (text) => env.clipboard.writeText(text),
                templateLimitMs: TEMPLATE_LIMIT_MS,
            }),
        );
        store.add(panel.onDidDispose(() => store.dispose()));
        let page: Channel<InspectorHostSide, InspectorPageSide> | undefined;
        const title = "GGUF Inspector";
        store.add(
            serveScriptPage(panel.webview, extensionUri, { name: "gguf", title }, (port) => {
                page = new Channel<InspectorHostSide, InspectorPageSide>(port, {
                    build,
                    handlers: session.handlers,
                    listeners: { ready: () => undefined },
                    onFault: (error) => log.error("inspector page", { error: String(error) }),
                });
                return page;
            }),
        );
        return { store, changed: () => page?.notify("changed", undefined) };
    }
}
