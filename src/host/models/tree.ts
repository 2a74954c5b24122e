/** The Models view: paints the rows of `rows.ts`. Lists nothing until the view is first shown. */

import {
    EventEmitter,
    ThemeIcon,
    TreeItem,
    TreeItemCollapsibleState,
    window,
    type TreeDataProvider,
} from "vscode";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { COMMAND, VIEW } from "../manifest";
import type { Row } from "./rows";

const REFRESH_MS = 100;

export class ModelTree implements TreeDataProvider<Row>, Disposable {
    private readonly store = new DisposableStore();
    private readonly changed = this.store.add(new EventEmitter<void>());
    readonly onDidChangeTreeData = this.changed.event;

    private timer: NodeJS.Timeout | undefined;

    constructor(private readonly readRows: () => Promise<Row[]>) {
        this.store.add(window.createTreeView(VIEW.models, { treeDataProvider: this }));
    }

    /** Asks for the rows again; several calls in a short time become one. */
    refresh(): void {
        this.timer ??= setTimeout(() => {
            this.timer = undefined;
            this.changed.fire();
        }, REFRESH_MS);
    }

    async getChildren(row?: Row): Promise<Row[]> {
        return row ? (row.children ?? []) : this.readRows();
    }

    getTreeItem(row: Row): TreeItem {
        const state = row.children
            ? TreeItemCollapsibleState.Expanded
            : TreeItemCollapsibleState.None;
        const item = new TreeItem(row.label, state);
        item.id = row.id;
        item.contextValue = row.context;
        if (row.description) item.description = row.description;
        if (row.tooltip) item.tooltip = row.tooltip;
        if (row.icon) item.iconPath = new ThemeIcon(row.icon);
        if (row.role) {
            item.command = {
                title: "Select Model",
                command: COMMAND.selectModel,
                arguments: [{ role: row.role }],
            };
        }
        return item;
    }

    dispose(): void {
        clearTimeout(this.timer);
        this.store.dispose();
    }
}
