/** The panel of the blocks: for each type of the file how a block of it is laid out, and a real one with its bytes, quants and values. */

import type { BlockView, GgufOverview } from "../../protocol/inspector";
import { element } from "../dom";
import type { Ask } from "./ask";
import { once } from "./metadata";
import { table } from "./overview";
import { count, problem, type Panel } from "./parts";

/** Fields are told apart by these, and by their numbers. */
const N_COLOURS = 5;
const MAX_VALUES = 256;

export interface BlocksPanel extends Panel {
    /** Shows the first block of a tensor. */
    open: (tensor: string) => void;
}

export function blocksPanel(ask: Ask, { types }: GgufOverview): BlocksPanel {
    const body = element("div", { class: "blocks" });
    const select = element("select", { "aria-label": "Type" });
    for (const { type } of types) select.append(element("option", { value: type, text: type }));
    const name = element("span", { class: "code" });
    const number = element("input", {
        type: "number",
        min: "0",
        value: "0",
        "aria-label": "Block",
    });
    const status = element("span", { class: "status", role: "status" });
    let tensor = "";
    let asked = 0;

    async function chooseType(): Promise<void> {
        const filter = select.value;
        const query = { from: 0, count: 1, filter, sort: "bytes", descending: true } as const;
        const { rows } = await ask("tensors", query).catch(() => ({ rows: [] }));
        if (rows[0]) open(rows[0].name);
    }

    function open(wanted: string): void {
        tensor = wanted;
        number.value = "0";
        void load();
    }

    async function load(): Promise<void> {
        const own = ++asked;
        try {
            const view = await ask("block", { tensor, block: Number(number.value) });
            if (own !== asked) return;
            select.value = view.type;
            name.textContent = view.tensor;
            number.max = String(view.nBlocks - 1);
            status.textContent = `of ${count(view.nBlocks)}, at byte ${count(view.position)}`;
            body.replaceChildren(...paint(view));
        } catch (error) {
            if (own === asked) body.replaceChildren(problem(error));
        }
    }

    select.addEventListener("change", () => void chooseType());
    number.addEventListener("change", () => void load());
    const bar = element(
        "div",
        { class: "bar" },
        element("label", {}, "Type", select),
        element("label", {}, "Block", number),
        status,
        element("span", {}, "in ", name),
    );
    return {
        id: "blocks",
        title: "Blocks",
        element: element("div", { class: "stack" }, bar, body),
        show: once(() => {
            if (tensor === "") void chooseType();
        }),
        open,
    };
}

function paint(view: BlockView): HTMLElement[] {
    const { about, formula, nValues, bytes } = view;
    const bits = Number(((8 * bytes.length) / nValues).toFixed(4));
    const size = `${count(nValues)} ${nValues === 1 ? "value" : "values"} in ${bytes.length} bytes: ${bits} bits for each.`;
    const parts: HTMLElement[] = [element("p", { text: `${about} ${size}` })];
    if (formula !== "") parts.push(element("p", { class: "code", text: formula }));
    parts.push(fields(view), hex(view));
    if (view.groups.length > 0) parts.push(groups(view));
    parts.push(values(view));
    return parts;
}

function fields({ fields: all }: BlockView): HTMLElement {
    const rows = all.map(({ name, from, bytes, what }, i) => [
        element("th", { scope: "row" }, swatch(i), element("span", { class: "code", text: name })),
        element("td", {
            class: "number",
            text: bytes === 1 ? String(from) : `${from} to ${from + bytes - 1}`,
        }),
        element("td", { text: what }),
    ]);
    const made = table("Fields", ["Field", "Bytes", "Holds"], rows);
    made.querySelector("thead th:last-child")?.classList.remove("number");
    return made;
}

function swatch(field: number): HTMLElement {
    return element("span", {
        class: `swatch field-${field % N_COLOURS}`,
        "aria-hidden": "true",
        text: String(field + 1),
    });
}

function hex({ bytes, fields: all }: BlockView): HTMLElement {
    const rows = all.map(({ name, from, bytes: length }, i) => {
        const text = bytes
            .slice(from, from + length)
            .map((byte) => byte.toString(16).padStart(2, "0"));
        return element(
            "div",
            { class: `hex-field field-${i % N_COLOURS}` },
            swatch(i),
            element("span", { class: "visually-hidden", text: `${name}: ` }),
            element("span", { class: "code", text: text.join(" ") }),
        );
    });
    return element(
        "section",
        { class: "block", "aria-label": "Bytes" },
        element("h2", { text: "Its bytes" }),
        element(
            "div",
            { class: "hex", tabindex: "0", role: "group", "aria-label": "Bytes of the block" },
            ...rows,
        ),
    );
}

/** Scale, minimum and quants of each group. */
function groups({ groups: all, quants, nValues }: BlockView): HTMLElement {
    const hasMin = all.some(({ min }) => min !== 0);
    const rows = all.map(({ from, scale, min }, i) => {
        const to = all[i + 1]?.from ?? nValues;
        const cells = [
            element("th", { scope: "row", text: `${from} to ${to - 1}` }),
            element("td", { class: "number", text: short(scale) }),
        ];
        if (hasMin) cells.push(element("td", { class: "number", text: short(min) }));
        cells.push(element("td", { class: "code quants", text: quants.slice(from, to).join(" ") }));
        return cells;
    });
    const titles = ["Values", "Scale", ...(hasMin ? ["Minimum"] : []), "Quants"];
    const made = table("Scales and quants", titles, rows);
    made.querySelector("thead th:last-child")?.classList.remove("number");
    return made;
}

function values({ values: all }: BlockView): HTMLElement {
    const text = all
        ? all.slice(0, MAX_VALUES).map(short).join("  ")
        : "The values need a codebook that Ingot's native part has, and it does not work here.";
    return element(
        "section",
        { class: "block", "aria-label": "Values" },
        element("h2", { text: "The values" }),
        element("pre", { tabindex: "0", role: "group", "aria-label": "Values of the block", text }),
    );
}

/** Four digits are enough to see what a value is made of. */
export function short(value: number): string {
    return Object.is(value, -0) ? "-0" : String(Number(value.toPrecision(4)));
}
