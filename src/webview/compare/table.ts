/**
 * The table of a comparison: sortable by each column, its rows reached by arrow keys, a `-` with its reason where there is no figure. The row in
 * focus, or under the pointer, is the marked point of the picture.
 */

import { columnsOf, ERROR_SIGN, NONE, whyMissing, type Column } from "../../compare/columns";
import { fieldWords } from "../../compare/field";
import { paretoFront, placedRows } from "../../compare/front";
import { cellOf } from "../../compare/tables";
import type { Comparison, CompareRow } from "../../protocol/compare";
import { element, iconButton } from "../dom";

export interface TableOptions {
    onFocus: (file: string | undefined) => void;
    onUse: (file: string) => void;
    /** How it was sorted when the page was hidden. */
    sorting: () => unknown;
    saveSorting: (sorting: Sorting) => void;
}

interface Sorting {
    column: string;
    isDescending: boolean;
}

const STATE_WORDS: Partial<Record<CompareRow["state"], string>> = {
    waiting: "waits",
    making: "is being made",
    measuring: "is being measured",
};

export class Table {
    readonly element = element("div", { class: "table-frame" });
    private shown: { comparison: Comparison; recommended: string | undefined } | undefined;
    private sorting: Sorting | undefined;
    /** Which row the keyboard is at. */
    private current: string | undefined;

    constructor(private readonly options: TableOptions) {
        this.sorting = readSorting(options.sorting());
        this.element.addEventListener("keydown", (event) => this.move(event));
        this.element.addEventListener("pointerover", ({ target }) => this.point(target));
        this.element.addEventListener("pointerleave", () => this.options.onFocus(this.current));
    }

    paint(comparison: Comparison, recommended: string | undefined): void {
        this.shown = { comparison, recommended };
        this.draw();
    }

    /** A point of the picture is looked at. */
    mark(file: string | undefined): void {
        for (const row of this.rows) row.classList.toggle("marked", row.dataset["file"] === file);
    }

    private get rows(): HTMLTableRowElement[] {
        return [...this.element.querySelectorAll<HTMLTableRowElement>("tbody tr")];
    }

    private draw(): void {
        if (!this.shown) return;
        const { comparison, recommended } = this.shown;
        const hadFocus = this.element.contains(document.activeElement);
        const focused = document.activeElement?.getAttribute("data-column");
        const columns = columnsOf(comparison);
        const rows = this.sorted(comparison, columns);
        if (!rows.some(({ file }) => file === this.current)) this.current = undefined;
        const first = this.current ?? rows[0]?.file;
        const front = new Set(paretoFront(comparison.rows).map(({ file }) => file));
        const placed = new Set(placedRows(comparison.rows).map(({ file }) => file));
        const head = element("tr", {}, ...columns.map((column) => this.heading(column)));
        const body = rows.map((row) =>
            this.row(row, columns, {
                isRecommended: row.file === recommended,
                place: front.has(row.file) ? "front" : placed.has(row.file) ? "other" : "none",
                tabindex: row.file === first ? "0" : "-1",
                isRunning: comparison.state === "running",
            }),
        );
        const made = element(
            "table",
            {},
            element("caption", {
                class: "visually-hidden",
                text: "What was measured of each file; arrow keys go from row to row",
            }),
            element("thead", {}, head),
            element("tbody", {}, ...body),
        );
        this.element.replaceChildren(made);
        if (!hadFocus) return;
        const selector = focused ? `[data-column="${focused}"]` : 'tr[tabindex="0"]';
        this.element.querySelector<HTMLElement>(selector)?.focus();
    }

    private heading(column: Column): HTMLTableCellElement {
        const { id, title, unit, hint } = column;
        const isSorted = this.sorting?.column === id;
        const icon = this.sorting?.isDescending ? "arrow-down" : "arrow-up";
        const button = element(
            "button",
            { type: "button", title: hint, "data-column": id },
            element("span", { class: "column", text: title }),
            ...(isSorted
                ? [element("span", { class: `codicon codicon-${icon}`, "aria-hidden": "true" })]
                : []),
            ...(unit === "" ? [] : [element("span", { class: "unit", text: unit })]),
        );
        button.addEventListener("click", () => this.sortBy(column));
        const order = this.sorting?.isDescending ? "descending" : "ascending";
        return element(
            "th",
            { scope: "col", "aria-sort": isSorted ? order : "none", class: `c-${id}` },
            button,
        );
    }

    private row(
        row: CompareRow,
        columns: readonly Column[],
        look: {
            isRecommended: boolean;
            place: "front" | "other" | "none";
            tabindex: string;
            isRunning: boolean;
        },
    ): HTMLTableRowElement {
        const cells = columns.map((column) =>
            column.id === "type" ? this.nameCell(row, look) : dataCell(row, column),
        );
        const made = element("tr", { tabindex: look.tabindex, class: `state-${row.state}` });
        made.dataset["file"] = row.file;
        if (look.isRecommended) made.classList.add("recommended");
        made.append(...cells);
        made.addEventListener("focusin", () => {
            this.current = row.file;
            for (const one of this.rows) {
                one.tabIndex = one === made ? 0 : -1;
                for (const button of one.querySelectorAll("button")) button.tabIndex = one.tabIndex;
            }
            this.options.onFocus(row.file);
        });
        return made;
    }

    private nameCell(
        row: CompareRow,
        {
            isRecommended,
            place,
            tabindex,
            isRunning,
        }: { isRecommended: boolean; place: string; tabindex: string; isRunning: boolean },
    ): HTMLTableCellElement {
        const words = row.problem ?? stateWords(row, isRunning) ?? fieldWords(row.type);
        const name = element("span", { class: "name", title: row.file }, row.label);
        const notes = [
            ...(row.isReference ? ["reference"] : []),
            ...(isRecommended ? ["for this computer"] : []),
        ];
        const use = iconButton(
            row.isKept ? "check" : "fold",
            row.isKept ? `Use ${row.label} for Completions` : `Make ${row.label}...`,
            () => this.options.onUse(row.file),
        );
        use.setAttribute("tabindex", tabindex);
        const line = element(
            "span",
            { class: "line" },
            name,
            ...notes.map((text) => element("span", { class: "badge", text })),
        );
        if (place === "front")
            line.append(element("span", { class: "visually-hidden", text: "on the Pareto front" }));
        const what = element("span", { class: "what" }, line);
        if (words !== undefined)
            what.append(
                element("span", { class: row.problem ? "words problem" : "words", text: words }),
            );
        const symbol = element("span", { class: `symbol ${place}`, "aria-hidden": "true" });
        return element(
            "th",
            { scope: "row", class: "c-type" },
            element("div", { class: "cell" }, symbol, what, use),
        );
    }

    private sorted(comparison: Comparison, columns: readonly Column[]): CompareRow[] {
        const { sorting } = this;
        const column = columns.find(({ id }) => id === sorting?.column);
        if (!sorting || !column) return [...comparison.rows];
        const sign = sorting.isDescending ? -1 : 1;
        // What is not there comes last, whichever way.
        return [...comparison.rows].sort((a, b) => {
            const [one, other] = [column.value(a), column.value(b)];
            if (one === undefined || other === undefined)
                return Number(one === undefined) - Number(other === undefined);
            return sign * (one < other ? -1 : one > other ? 1 : 0);
        });
    }

    /** The better end first, then the other one, then the order of the record. */
    private sortBy({ id, better }: Column): void {
        const first = better === "more";
        const { sorting } = this;
        if (sorting?.column !== id) this.sorting = { column: id, isDescending: first };
        else if (sorting.isDescending === first)
            this.sorting = { column: id, isDescending: !first };
        else this.sorting = undefined;
        this.options.saveSorting(this.sorting ?? { column: "", isDescending: false });
        this.draw();
    }

    private move(event: KeyboardEvent): void {
        const { target, key } = event;
        if (!(target instanceof HTMLTableRowElement)) return;
        const rows = this.rows;
        const at = rows.indexOf(target);
        const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[key];
        if (to !== undefined) {
            event.preventDefault();
            rows[Math.min(Math.max(to, 0), rows.length - 1)]?.focus();
        }
    }

    private point(target: EventTarget | null): void {
        const row = target instanceof Element ? target.closest("tbody tr") : null;
        const file = row instanceof HTMLElement ? row.dataset["file"] : undefined;
        this.options.onFocus(file ?? this.current);
    }
}

function dataCell(row: CompareRow, column: Column): HTMLTableCellElement {
    const text = cellOf(row, column);
    const [figure = "", error] = text.split(ERROR_SIGN);
    const cell = element("td", { class: `c-${column.id}` }, figure);
    // Below its figure it takes no width from the others.
    if (error !== undefined) cell.append(element("span", { class: "words" }, ERROR_SIGN, error));
    const why = text === NONE ? whyMissing(row, column) : undefined;
    if (why !== undefined) {
        cell.title = why;
        cell.setAttribute("aria-label", `${column.title}: none, ${why}`);
    }
    return cell;
}

/** A comparison that was stopped waits for nothing any more. */
function stateWords({ state }: CompareRow, isRunning: boolean): string | undefined {
    const words = STATE_WORDS[state];
    return words !== undefined && !isRunning ? "was not measured" : words;
}

function readSorting(value: unknown): Sorting | undefined {
    const { column, isDescending } = (value ?? {}) as Partial<Sorting>;
    if (typeof column !== "string" || column === "") return undefined;
    return { column, isDescending: isDescending === true };
}
