/** The first panel: facts, the share of each type, the files of a split model. */

import { formatBytes, formatParameters } from "../../base/format";
import type { GgufOverview, TypeShare } from "../../protocol/inspector";
import { element } from "../dom";
import { barCell, count, factList, plural, type Panel } from "./parts";

export function overviewPanel(overview: GgufOverview): Panel {
    const panel = element("div", { class: "overview" }, factList(overview.facts));
    if (overview.types.length > 0) panel.append(typeTable(overview.types));
    if (overview.files.length > 1) panel.append(fileTable(overview));
    panel.append(
        element("p", {
            class: "note",
            text: `${overview.where}. ${formatBytes(overview.readBytes)} were read of it to show this.`,
        }),
    );
    return { id: "overview", title: "Overview", element: panel };
}

function typeTable(types: readonly TypeShare[]): HTMLElement {
    const all = types.reduce((sum, { bytes }) => sum + bytes, 0);
    const rows = types.map(({ type, nTensors, nValues, bytes, bitsPerWeight }) => {
        const share = all > 0 ? bytes / all : 0;
        return [
            element("th", { scope: "row", class: "code", text: type }),
            cell(count(nTensors)),
            cell(formatParameters(nValues)),
            cell(formatBytes(bytes)),
            barCell(share, `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`),
            cell(Number(bitsPerWeight.toFixed(4)).toString()),
        ];
    });
    const titles = ["Type", "Tensors", "Values", "Size", "Share of the size", "Bits per weight"];
    return table("Types of the tensors", titles, rows);
}

function fileTable({ files }: GgufOverview): HTMLElement {
    const rows = files.map(({ name, sizeBytes, nTensors }) => [
        element("th", { scope: "row", text: name }),
        cell(plural(nTensors, "tensor")),
        cell(formatBytes(sizeBytes)),
    ]);
    return table(`Files`, ["File", "Tensors", "Size"], rows);
}

function cell(text: string): HTMLElement {
    return element("td", { class: "number", text });
}

/** The first column names the row; the others are numbers. */
export function table(
    caption: string,
    titles: readonly string[],
    rows: readonly (readonly HTMLElement[])[],
): HTMLElement {
    const head = element(
        "tr",
        {},
        ...titles.map((text, i) =>
            element("th", { scope: "col", class: i === 0 ? "" : "number", text }),
        ),
    );
    return element(
        "table",
        {},
        element("caption", { text: caption }),
        element("thead", {}, head),
        element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells))),
    );
}
