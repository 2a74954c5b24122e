/** The panel of the tensors: all of them, sorted and searched; what is known of the chosen one below. */

import { formatBytes } from "../../base/format";
import type {
    ChosenImatrix,
    GgufOverview,
    TensorColumn,
    TensorRow,
} from "../../protocol/inspector";
import { element } from "../dom";
import type { Ask } from "./ask";
import { once } from "./metadata";
import { copyButton, count, factList, plural, searchBox, textButton, type Panel } from "./parts";
import { VirtualTable } from "./table";
import { methodView, valueView } from "./values";
import { Work } from "./work";

export function tensorsPanel(
    ask: Ask,
    { nTensors, files }: GgufOverview,
    showBlock: (tensor: string) => void,
): Panel {
    let filter = "";
    const status = element("span", { class: "status", role: "status" });
    const details = element("section", { class: "details", "aria-label": "Tensor" });
    details.hidden = true;
    const table = new VirtualTable<TensorRow>({
        label: "Tensors",
        columns: [
            {
                title: "Name",
                width: "minmax(200px, 3fr)",
                text: ({ name }) => name,
                isCode: true,
                sort: "name",
            },
            { title: "Type", width: "100px", text: ({ type }) => type, sort: "type" },
            {
                title: "Shape",
                width: "minmax(120px, 1fr)",
                text: shapeOf,
                isNumber: true,
                sort: "shape",
            },
            {
                title: "Size",
                width: "100px",
                text: ({ bytes }) => formatBytes(bytes),
                tip: ({ bytes }) => `${count(bytes)} bytes`,
                isNumber: true,
                sort: "bytes",
            },
            {
                title: "Bits per weight",
                width: "130px",
                text: ({ bitsPerWeight }) => String(Number(bitsPerWeight.toFixed(4))),
                isNumber: true,
                sort: "bits",
            },
        ],
        order: { sort: "place", descending: false },
        load: (from, n, { sort, descending }) =>
            ask("tensors", { from, count: n, filter, sort: sort as TensorColumn, descending }),
        onTotal: (total) => {
            status.textContent =
                filter === ""
                    ? plural(total, "tensor")
                    : `${count(total)} of ${plural(nTensors, "tensor")}`;
        },
        onChoose: choose,
        empty: filter === "" ? "The file has no tensors." : "No tensor is like that.",
    });
    const box = searchBox("Search tensors by name, type or shape", (text) => {
        filter = text;
        table.reload();
    });

    const result = element("div", { class: "stack" });
    const work = new Work(result);
    const matrixBar = element("div", { class: "bar" });
    /** For the methods, of whichever tensor. */
    let imatrix: ChosenImatrix | undefined;

    function choose(row: TensorRow | undefined): void {
        work.stop();
        result.replaceChildren();
        matrixBar.hidden = true;
        details.classList.remove("tall");
        details.hidden = !row;
        if (!row) return;
        const facts = [
            { label: "Type", value: row.type },
            { label: "Shape", value: shapeOf(row) },
            { label: "Values", value: count(row.nValues) },
            { label: "Size", value: `${formatBytes(row.bytes)} (${count(row.bytes)} bytes)` },
            { label: "Begins at", value: `byte ${count(row.position)}` },
            ...(files.length > 1 ? [{ label: "File", value: files[row.part]?.name ?? "" }] : []),
        ];
        details.replaceChildren(
            element(
                "div",
                { class: "details-head" },
                element("h2", { class: "code", text: row.name }),
                copyButton("Copy Name", () => ask("copy", { text: row.name })),
                textButton("Values", () => void look(row)),
                textButton("Block", () => showBlock(row.name)),
                ...(FLOATS.has(row.type)
                    ? [textButton("Compare Methods", () => void compare(row))]
                    : []),
            ),
            matrixBar,
            result,
            factList(facts),
        );
    }

    function look({ name }: TensorRow): Promise<void> {
        details.classList.add("tall");
        matrixBar.hidden = true;
        return work.run(
            "Reading values",
            (options) => ask("values", { tensor: name }, options),
            valueView,
        );
    }

    function compare(row: TensorRow): Promise<void> {
        details.classList.add("tall");
        showMatrix(row);
        return work.run(
            "Trying each way",
            (options) => ask("methods", { tensor: row.name, imatrix: imatrix?.path }, options),
            methodView,
        );
    }

    /** Which importance matrix the methods have, above what came of them: it can be the wrong one. */
    function showMatrix(row: TensorRow): void {
        const use = (chosen: ChosenImatrix | undefined) => {
            imatrix = chosen;
            void compare(row);
        };
        const pick = async () => {
            const chosen = await ask("pickImatrix", {});
            // Another tensor may be looked at by now.
            if (chosen && matrixBar.dataset["tensor"] === row.name) use(chosen);
        };
        const button = imatrix ? "Use Another..." : "Use an Importance Matrix...";
        matrixBar.dataset["tensor"] = row.name;
        matrixBar.replaceChildren(
            `Importance matrix: ${imatrix?.name ?? "none"}`,
            textButton(button, () => void pick().catch(() => undefined)),
            ...(imatrix ? [textButton("Do Without", () => use(undefined))] : []),
        );
        matrixBar.hidden = false;
    }

    const panel = element(
        "div",
        { class: "split" },
        element("div", { class: "bar" }, box, status),
        table.element,
        details,
    );
    return { id: "tensors", title: "Tensors", element: panel, show: once(() => table.reload()) };
}

/** What was not quantized can be, to see what is lost. */
const FLOATS: ReadonlySet<string> = new Set(["F32", "F16", "BF16"]);

export function shapeOf({ shape }: Pick<TensorRow, "shape">): string {
    return shape.length === 0 ? "1" : shape.join(" \u00d7 ");
}
