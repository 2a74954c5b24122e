/**
 * A table of any length: paints the rows in sight and asks for them a page at a time. One row is chosen, by click or by arrow keys; titles sort.
 * Rows have one height, which the style sheet and this file agree on.
 */

import type { Page } from "../../protocol/inspector";
import { element } from "../dom";

export interface Column<T> {
    title: string;
    /** A track of a CSS grid. */
    width: string;
    text: (row: T) => string;
    /** Said and shown when the text is cut or a sign. */
    tip?: (row: T) => string | undefined;
    isNumber?: boolean;
    isCode?: boolean;
    /** Name of the order by this column; undefined: titles only. */
    sort?: string;
}

export interface Order {
    sort: string;
    descending: boolean;
}

export interface TableOptions<T> {
    label: string;
    columns: readonly Column<T>[];
    load: (from: number, count: number, order: Order) => Promise<Page<T>>;
    /** Undefined: none is chosen. */
    onChoose?: (row: T | undefined) => void;
    onTotal?: (total: number) => void;
    /** Said when there is nothing. */
    empty: string;
    order?: Order;
}

const ROW_HEIGHT = 24;
const PAGE_ROWS = 200;
/** Rows above and below those in sight. */
const MARGIN = 8;

export class VirtualTable<T> {
    readonly element: HTMLElement;
    order: Order;
    private readonly body = element("div", { class: "rows", role: "rowgroup" });
    private readonly titles: HTMLElement[];
    private readonly message = element("p", { class: "empty", role: "status" });
    private pages = new Map<number, readonly T[] | undefined>();
    private total: number | undefined;
    private chosen = -1;
    /** Answers to what was asked before this number do not count. */
    private asking = 0;

    constructor(private readonly options: TableOptions<T>) {
        this.order = options.order ?? { sort: "", descending: false };
        const tracks = options.columns.map(({ width }) => width).join(" ");
        this.titles = options.columns.map((column) => this.titleOf(column));
        const head = element("div", { class: "row head", role: "row" }, ...this.titles);
        const rowgroup = element("div", { class: "heads", role: "rowgroup" }, head);
        this.element = element(
            "div",
            { class: "table", role: "grid", "aria-label": options.label, tabindex: "0" },
            rowgroup,
            this.body,
            this.message,
        );
        this.element.style.setProperty("--tracks", tracks);
        this.element.addEventListener("scroll", () => this.paint());
        this.element.addEventListener("keydown", (event) => this.keyPressed(event));
        this.body.addEventListener("click", (event) => this.clicked(event));
        new ResizeObserver(() => this.paint()).observe(this.element);
        this.markOrder();
    }

    /** Asks for everything anew, from the top. */
    reload(): void {
        this.asking++;
        this.pages = new Map();
        this.total = undefined;
        this.choose(-1);
        this.element.scrollTop = 0;
        void this.fetch(0);
    }

    get chosenRow(): T | undefined {
        return this.rowAt(this.chosen);
    }

    private titleOf(column: Column<T>): HTMLElement {
        const cell = element("div", {
            role: "columnheader",
            class: cellClass({ ...column, isCode: false }),
        });
        const { sort, title } = column;
        if (sort === undefined) {
            cell.textContent = title;
            return cell;
        }
        const button = element("button", { type: "button", text: title, tabindex: "-1" });
        button.addEventListener("click", () => this.sortBy(sort, column.isNumber ?? false));
        cell.append(button);
        return cell;
    }

    private sortBy(sort: string, isNumber: boolean): void {
        const isSame = this.order.sort === sort;
        this.order = { sort, descending: isSame ? !this.order.descending : isNumber };
        this.markOrder();
        this.reload();
    }

    private markOrder(): void {
        this.options.columns.forEach(({ sort }, i) => {
            const isIt = sort !== undefined && sort === this.order.sort;
            const way = this.order.descending ? "descending" : "ascending";
            this.titles[i]?.setAttribute("aria-sort", isIt ? way : "none");
        });
    }

    private async fetch(page: number): Promise<void> {
        const own = this.asking;
        this.pages.set(page, undefined);
        try {
            const from = page * PAGE_ROWS;
            const { total, rows } = await this.options.load(from, PAGE_ROWS, this.order);
            if (own !== this.asking) return;
            this.pages.set(page, rows);
            if (this.total !== total) this.setTotal(total);
            this.paint();
        } catch (error) {
            if (own !== this.asking) return;
            this.setTotal(0);
            this.message.textContent = error instanceof Error ? `${error.message}.` : "";
        }
    }

    private setTotal(total: number): void {
        this.total = total;
        this.body.style.height = `${total * ROW_HEIGHT}px`;
        this.element.setAttribute("aria-rowcount", String(total + 1));
        this.message.textContent = total === 0 ? this.options.empty : "";
        this.message.hidden = total > 0;
        this.options.onTotal?.(total);
    }

    private rowAt(index: number): T | undefined {
        if (index < 0) return undefined;
        return this.pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
    }

    private paint(): void {
        const total = this.total ?? 0;
        const { scrollTop, clientHeight } = this.element;
        const from = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - MARGIN);
        const to = Math.min(total, Math.ceil((scrollTop + clientHeight) / ROW_HEIGHT) + MARGIN);
        for (let page = Math.floor(from / PAGE_ROWS); page * PAGE_ROWS < to; page++)
            if (!this.pages.has(page)) void this.fetch(page);
        const rows: HTMLElement[] = [];
        for (let i = from; i < to; i++) rows.push(this.rowElement(i));
        this.body.replaceChildren(...rows);
    }

    private rowElement(index: number): HTMLElement {
        const row = this.rowAt(index);
        const isChosen = index === this.chosen;
        const made = element("div", {
            class: isChosen ? "row chosen" : "row",
            role: "row",
            id: `${this.options.label}-${index}`.replace(/\W+/g, "-"),
            "aria-rowindex": String(index + 2),
            "aria-selected": String(isChosen),
            "data-index": String(index),
        });
        made.style.top = `${index * ROW_HEIGHT}px`;
        for (const column of this.options.columns) {
            const text = row === undefined ? "\u2026" : column.text(row);
            const tip = row === undefined ? undefined : (column.tip?.(row) ?? text);
            made.append(
                element("div", { role: "gridcell", class: cellClass(column), text, title: tip }),
            );
        }
        if (isChosen) this.element.setAttribute("aria-activedescendant", made.id);
        return made;
    }

    private clicked(event: MouseEvent): void {
        const row = event.target instanceof Element ? event.target.closest("[data-index]") : null;
        if (row instanceof HTMLElement) this.choose(Number(row.dataset["index"]));
    }

    private choose(index: number): void {
        if (this.chosen === index) return;
        this.chosen = index;
        if (index < 0) this.element.removeAttribute("aria-activedescendant");
        this.paint();
        this.options.onChoose?.(this.chosenRow);
    }

    private keyPressed(event: KeyboardEvent): void {
        const total = this.total ?? 0;
        if (event.target !== this.element || total === 0) return;
        const step = Math.max(1, Math.floor(this.element.clientHeight / ROW_HEIGHT) - 2);
        const to = {
            ArrowDown: this.chosen + 1,
            ArrowUp: this.chosen - 1,
            PageDown: this.chosen + step,
            PageUp: this.chosen - step,
            Home: 0,
            End: total - 1,
        }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        const index = Math.min(Math.max(to, 0), total - 1);
        this.reveal(index);
        this.choose(index);
    }

    private reveal(index: number): void {
        const { scrollTop, clientHeight } = this.element;
        const head = ROW_HEIGHT;
        const top = index * ROW_HEIGHT;
        const low = top + ROW_HEIGHT + head - clientHeight;
        if (top < scrollTop) this.element.scrollTop = top;
        else if (low > scrollTop) this.element.scrollTop = low;
    }
}

function cellClass({ isNumber, isCode }: { isNumber?: boolean; isCode?: boolean }): string {
    return ["cell", isNumber ? "number" : "", isCode ? "code" : ""].filter(Boolean).join(" ");
}
