/** The editor of `*.comparison.json`: a page for each, which shows the record and, while it runs here, how far it is. */

import { basename, dirname, join } from "node:path";
import { commands, Uri, window, workspace, type WebviewPanel } from "vscode";
import { AppError } from "../../base/errors";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import { exportPicture, svgText } from "../../compare/svg";
import { csvOf, jsonOf, markdownOf } from "../../compare/tables";
import { Channel, type Handlers, type Port } from "../../protocol/channel";
import type {
    CompareHostSide,
    ComparePageSide,
    CompareView,
    ExportFormat,
} from "../../protocol/compare";
import { serveScriptPage } from "../page/scriptPage";
import { COMMAND, COMPARISON_EDITOR } from "../manifest";
import type { Notify } from "../notify";
import type { ComparisonRuns } from "./compareRuns";

export interface EditorOptions {
    extensionUri: Uri;
    /** Build hash, the same as the page's. */
    build: string;
    log: Log;
    notify: Notify;
    runs: ComparisonRuns;
}

const ENDINGS: Record<ExportFormat, { ending: string; what: string }> = {
    svg: { ending: "svg", what: "SVG pictures" },
    png: { ending: "png", what: "PNG pictures" },
    markdown: { ending: "md", what: "Markdown" },
    csv: { ending: "csv", what: "CSV tables" },
    json: { ending: "json", what: "Comparisons" },
};

export class ComparisonEditors implements Disposable {
    private readonly store = new DisposableStore();

    constructor(private readonly options: EditorOptions) {}

    /** Opens the page of a record. */
    async show(record: string): Promise<void> {
        await commands.executeCommand("vscode.openWith", Uri.file(record), COMPARISON_EDITOR);
    }

    /** VS Code has made a panel for a record. */
    open(uri: Uri, panel: WebviewPanel): void {
        const { extensionUri } = this.options;
        const store = new DisposableStore();
        this.store.add(store);
        const page = { name: "compare", title: "Comparison" };
        store.add(
            serveScriptPage(panel.webview, extensionUri, page, (port) =>
                this.connect(port, uri.fsPath),
            ),
        );
        panel.onDidDispose(() => store.dispose());
    }

    dispose(): void {
        this.store.dispose();
    }

    private connect(port: Port, record: string): Disposable {
        const { build, log, runs } = this.options;
        const store = new DisposableStore();
        const page = new Channel<CompareHostSide, ComparePageSide>(port, {
            build,
            handlers: this.handlers(record),
            listeners: { ready: () => void paint() },
            onFault: (error) => log.error("comparison page", { error: String(error) }),
        });
        page.ready.catch((error: unknown) => log.warn("comparison", { error: String(error) }));
        const paint = async () => {
            try {
                page.notify("state", await runs.view(record));
            } catch (error) {
                // Its first figures may not be there yet.
                if (!runs.isRunning(record)) void this.options.notify.error(error);
            }
        };
        store.add(page);
        store.add(
            runs.onDidChange(({ file, isRecord }) => {
                if (file !== record) return;
                const progress = runs.progressOf(record);
                if (isRecord || !progress) void paint();
                else page.notify("progress", progress);
            }),
        );
        return store;
    }

    private handlers(record: string): Handlers<CompareHostSide> {
        const { runs } = this.options;
        return {
            stop: () => runs.stop(record),
            export: async ({ format, png }) =>
                this.shown(async () => exportTo(await runs.view(record), record, format, png)),
            use: async ({ file }) => {
                await this.shown(async () => use((await runs.view(record)).comparison, file));
            },
        };
    }

    private async shown<T>(work: () => Promise<T>): Promise<T | undefined> {
        try {
            return await work();
        } catch (error) {
            void this.options.notify.error(error);
            return undefined;
        }
    }
}

/** Asks where to. Undefined when the person stopped. */
async function exportTo(
    view: CompareView,
    record: string,
    format: ExportFormat,
    png: string | undefined,
): Promise<string | undefined> {
    const { ending, what } = ENDINGS[format];
    const folder = workspace.workspaceFolders?.[0]?.uri.fsPath ?? dirname(record);
    const name = basename(record).replace(/\.comparison\.json$/i, "");
    const target = await window.showSaveDialog({
        title: "Save the Comparison",
        defaultUri: Uri.file(
            join(folder, `${name}.${format === "json" ? "comparison.json" : ending}`),
        ),
        filters: { [what]: [ending] },
    });
    if (!target) return undefined;
    await workspace.fs.writeFile(target, contentOf(view, format, png));
    return target.fsPath;
}

function contentOf(
    { comparison, advice }: CompareView,
    format: ExportFormat,
    png = "",
): Uint8Array {
    const text = (content: string) => new TextEncoder().encode(content);
    switch (format) {
        case "png":
            return Uint8Array.from(Buffer.from(png, "base64"));
        case "svg": {
            const picture = exportPicture(comparison, { recommended: advice.file });
            if (picture) return text(svgText(picture));
            throw new AppError("user/usage", "There is nothing to draw yet; wait for a divergence");
        }
        case "markdown":
            return text(markdownOf(comparison, advice.sentences));
        case "csv":
            return text(csvOf(comparison));
        case "json":
            return text(jsonOf(comparison));
    }
}

/** A file that is there serves completions; a type that was made only to be measured is made for good. */
async function use({ rows }: CompareView["comparison"], file: string): Promise<void> {
    const row = rows.find((one) => one.file === file);
    const reference = rows.find(({ isReference }) => isReference);
    if (!row || !reference) return;
    if (row.isKept) await commands.executeCommand(COMMAND.useForCompletions, { path: file });
    else
        await commands.executeCommand(COMMAND.quantizeModel, {
            path: reference.file,
            type: row.type,
        });
}
