/** The panels of `Ingot: Publish...`: one for each publication, until it is published or closed. What a page says is page.ts's. */

import { commands, Uri, ViewColumn, window, type WebviewPanel } from "vscode";
import { isCancelled, toWire } from "../../base/errors";
import { DisposableStore, MutableDisposable, type Disposable } from "../../base/lifecycle";
import type { PublishResult } from "../../protocol/publish";
import { OPEN_COMMAND, PUBLISH_PAGE_COMMAND } from "../manifest";
import type { Notify } from "../notify";
import { pageStyles } from "../page/styles";
import type { Card } from "./cardFile";
import { publishPage, type PageFacts, type PageState } from "./page";

export interface PagesOptions {
    extensionUri: Uri;
    notify: Notify;
}

interface Shown extends PageFacts {
    card: Card;
}

/** `isCardKept`: the README.md that is there stays. */
export type Send = (isCardKept: boolean) => Promise<PublishResult>;

export class PublishPages implements Disposable {
    private readonly store = new DisposableStore();
    private readonly command = this.store.add(new MutableDisposable<Disposable>());
    private readonly pages = new Map<number, PublishPage>();
    private nextPage = 1;

    constructor(private readonly options: PagesOptions) {}

    /** Shows everything beside the card; `send` runs when the person says so. Resolves when it was sent or the page is closed. */
    open(shown: Shown, send: Send): Promise<PublishResult | undefined> {
        this.command.value ??= commands.registerCommand(
            PUBLISH_PAGE_COMMAND,
            (page: unknown, action: unknown) => this.pages.get(Number(page))?.act(action),
        );
        const id = this.nextPage++;
        return new Promise((resolve) => {
            const page = new PublishPage(id, shown, send, this.options, resolve, () =>
                this.pages.delete(id),
            );
            this.pages.set(id, page);
        });
    }

    dispose(): void {
        for (const page of [...this.pages.values()]) page.dispose();
        this.store.dispose();
    }
}

class PublishPage implements Disposable {
    private readonly panel: WebviewPanel;
    private readonly media: Uri;
    private state: PageState = { kind: "preview" };
    private isCardKept = false;
    private isGone = false;
    private result: PublishResult | undefined;

    constructor(
        private readonly id: number,
        private readonly shown: Shown,
        private readonly send: Send,
        private readonly options: PagesOptions,
        private readonly onEnd: (result: PublishResult | undefined) => void,
        onGone: () => void,
    ) {
        this.media = Uri.joinPath(options.extensionUri, "media");
        this.panel = window.createWebviewPanel(
            "ingot.publish",
            `Publish ${shown.plan.repo.split("/").at(-1)}`,
            ViewColumn.One,
            {
                enableScripts: false,
                enableCommandUris: [PUBLISH_PAGE_COMMAND, OPEN_COMMAND],
                localResourceRoots: [this.media],
            },
        );
        this.panel.onDidDispose(() => {
            this.isGone = true;
            onGone();
            // What is being sent goes on without its page.
            if (this.state.kind !== "running") onEnd(this.result);
        });
        this.paint({ kind: "preview" });
        shown.card.show(false).catch((error: unknown) => void options.notify.error(error));
    }

    async act(action: unknown): Promise<void> {
        if (action === "close") this.panel.dispose();
        if (this.state.kind !== "preview") return;
        if (action === "card") await this.shown.card.show(true);
        if (action === "keepCard" || action === "replaceCard") {
            this.isCardKept = action === "keepCard";
            this.paint(this.state);
        }
        if (action === "publish") await this.publish();
    }

    private async publish(): Promise<void> {
        this.paint({ kind: "running" });
        try {
            this.result = await this.send(this.isCardKept);
            this.paint({ kind: "done", result: this.result });
            this.onEnd(this.result);
        } catch (error) {
            const { message } = toWire(error);
            const problem = isCancelled(error)
                ? "It was stopped. What has arrived is not sent again when you publish once more"
                : message;
            this.paint({ kind: "preview", problem });
            if (this.isGone) this.onEnd(undefined);
            if (this.isGone || !isCancelled(error)) void this.options.notify.error(error);
        }
    }

    private paint(state: PageState): void {
        this.state = state;
        if (this.isGone) return;
        const { webview } = this.panel;
        webview.html = publishPage({
            ...this.shown,
            state,
            isCardKept: this.isCardKept,
            page: this.id,
            cspSource: webview.cspSource,
            styles: pageStyles(webview, this.options.extensionUri, "publish"),
        });
    }

    dispose(): void {
        this.panel.dispose();
    }
}
