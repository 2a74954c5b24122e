/** The panel of the metadata: all keys, searched as one types; the whole value of the chosen one below, a list a page at a time. */

import {
    SCALAR_TYPES,
    type KeyRow,
    type KeyValue,
    type ScalarType,
} from "../../protocol/inspector";
import { element, iconButton } from "../dom";
import type { Host } from "./ask";
import { Edits } from "./edits";
import { copyButton, count, plural, problem, searchBox, textButton, type Panel } from "./parts";
import { VirtualTable } from "./table";

const LIST_ROWS = 100;

export function metadataPanel({ ask, kept, keep }: Host, nKeys: number): Panel {
    let filter = "";
    const status = element("span", { class: "status", role: "status" });
    const details = element("section", { class: "details", "aria-label": "Value" });
    details.hidden = true;
    const table = new VirtualTable<KeyRow>({
        label: "Metadata",
        columns: [
            { title: "Key", width: "minmax(230px, 3fr)", text: ({ key }) => key, isCode: true },
            { title: "Type", width: "120px", text: ({ type }) => type },
            {
                title: "Value",
                width: "minmax(160px, 4fr)",
                text: ({ preview }) => preview,
                isCode: true,
            },
        ],
        load: (from, n) => ask("keys", { from, count: n, filter }),
        onTotal: (total) => {
            status.textContent =
                filter === "" ? plural(total, "key") : `${count(total)} of ${plural(nKeys, "key")}`;
        },
        onChoose: (row) => void choose(row),
        empty: "No key or value has these letters.",
    });
    const box = searchBox("Search keys and values", (text) => {
        filter = text;
        table.reload();
    });

    const edits = new Edits(
        ask,
        kept().edits ?? [],
        (all) => keep({ edits: all }),
        () => void choose(table.chosenRow),
    );
    const adding = element("div");
    const add = textButton("Add Key", () => {
        const close = () => adding.replaceChildren();
        adding.replaceChildren(edits.form({ type: "string", value: "" }, close));
        adding.querySelector("input")?.focus();
    });

    let asked = 0;
    async function choose(row: KeyRow | undefined, from = 0): Promise<void> {
        const own = ++asked;
        details.hidden = !row;
        if (!row) return;
        try {
            const value = await ask("value", { key: row.key, from, count: LIST_ROWS });
            if (own === asked) paint(row, value);
        } catch (error) {
            if (own === asked) details.replaceChildren(problem(error));
        }
    }

    function paint(row: KeyRow, { key, type, text, list }: KeyValue): void {
        const shown = list
            ? list.values.map((value, i) => `${list.from + i}: ${value}`).join("\n")
            : (text ?? "");
        const copied = list ? list.values.join("\n") : shown;
        const label = list ? "Copy These Values" : "Copy Value";
        const head = element(
            "div",
            { class: "details-head" },
            element("h2", { class: "code", text: key }),
            element("span", { class: "note", text: type }),
            copyButton(label, () => ask("copy", { text: copied })),
        );
        if (list && list.length > LIST_ROWS) {
            const { from, length } = list;
            const move = (icon: string, name: string, to: number, isOn: boolean) => {
                const button = iconButton(icon, name, () => void choose(row, to));
                button.disabled = !isOn;
                return button;
            };
            const to = Math.min(length, from + LIST_ROWS);
            const last = Math.floor((length - 1) / LIST_ROWS) * LIST_ROWS;
            head.append(
                move("chevron-left", "Previous Values", Math.max(0, from - LIST_ROWS), from > 0),
                element("span", {
                    role: "status",
                    text: `${count(from)} to ${count(to - 1)} of ${count(length)}`,
                }),
                move("chevron-right", "Next Values", to, to < length),
                move("arrow-right", "Last Values", last, to < length),
            );
        }
        const edit = edits.get(key);
        if (edit) {
            const text =
                edit.kind === "remove"
                    ? "It is left out of the copy."
                    : `In the copy: ${edit.value}`;
            head.append(
                element("span", { class: "note", text }),
                textButton("Undo", () => edits.drop(key)),
            );
        } else if (isScalar(type)) {
            const change = textButton("Change", () => {
                const back = () => void choose(row);
                for (const button of [change, remove]) button.remove();
                details.replaceChildren(head, edits.form({ key, type, value: shown }, back));
                details.querySelector("textarea")?.focus();
            });
            const remove = textButton("Remove", () => edits.add({ kind: "remove", key }));
            head.append(change, remove);
        }
        details.replaceChildren(
            head,
            element("pre", {
                tabindex: "0",
                role: "group",
                "aria-label": `Value of ${key}`,
                text: shown,
            }),
        );
    }

    const panel = element(
        "div",
        { class: "split" },
        element("div", { class: "bar" }, box, status, add),
        adding,
        edits.bar,
        table.element,
        details,
    );
    return { id: "metadata", title: "Metadata", element: panel, show: once(() => table.reload()) };
}

function isScalar(type: string): type is ScalarType {
    return SCALAR_TYPES.some((one) => one === type);
}

/** Calls it the first time only. */
export function once(work: () => void): () => void {
    let isDone = false;
    return () => {
        if (!isDone) work();
        isDone = true;
    };
}
