/** What a tensor's values are like, as a picture with a table behind it, and how simple ways to quantize them compare. */

import type { MethodError, MethodsView, ValueSummary } from "../../protocol/inspector";
import { element } from "../dom";
import { short } from "./blocks";
import { table } from "./overview";
import { barCell, count, factList } from "./parts";

const WIDTH = 800;
const HEIGHT = 150;

export function valueView(summary: ValueSummary): HTMLElement[] {
    const { nSampled, nAll, nRows, mean, deviation, kurtosis, min, max } = summary;
    const of =
        nSampled === nAll
            ? "All values"
            : `${count(nSampled)} of ${count(nAll)} values, in ${count(nRows)} rows from all over the tensor`;
    const share = (n: number) => `${count(n)} (${percent(n / nSampled)})`;
    const facts = [
        { label: "Range", value: `${short(min)} to ${short(max)}` },
        { label: "Mean", value: short(mean) },
        { label: "Standard deviation", value: short(deviation) },
        {
            label: "Kurtosis",
            value: kurtosis.toFixed(2),
            hint: "3 for a normal distribution; more means heavier tails, which are harder to quantize.",
        },
        {
            label: "Zeros",
            value: share(summary.nZero),
            hint: "Sparsity: values that are exactly 0; the others are its density.",
        },
        {
            label: "Nearly zero",
            value: share(summary.nSmall),
            hint: "Not larger than a hundredth of the standard deviation.",
        },
        {
            label: "Outliers",
            value: share(summary.nOutliers),
            hint: "Further from the mean than six standard deviations.",
        },
        ...(summary.nNotFinite > 0
            ? [{ label: "Not finite", value: share(summary.nNotFinite) }]
            : []),
    ];
    const { largest, columns } = summary;
    const parts = [
        element("p", { class: "note", text: `${of}.` }),
        histogram(summary),
        factList(facts),
    ];
    const lists = element("div", { class: "lists" });
    lists.append(
        table(
            "Largest values",
            ["Row", "Column", "Value", "Deviations"],
            largest.map(({ value, row, column }) => [
                number(count(row)),
                number(count(column)),
                number(short(value)),
                number(deviation > 0 ? (Math.abs(value - mean) / deviation).toFixed(1) : ""),
            ]),
        ),
    );
    if (columns.length > 0)
        lists.append(
            table(
                "Columns with the largest values",
                ["Column", "Times the usual size"],
                columns.map(({ column, times }) => [
                    number(count(column)),
                    number(times.toFixed(2)),
                ]),
            ),
        );
    return [...parts, lists];
}

function number(text: string): HTMLElement {
    return element("td", { class: "number", text });
}

export function percent(share: number): string {
    const value = 100 * share;
    return `${value === 0 ? "0" : value < 0.01 ? "< 0.01" : value < 1 ? value.toFixed(2) : value.toFixed(1)} %`;
}

const SVG = "http://www.w3.org/2000/svg";

function shape(
    tag: string,
    attributes: Record<string, string | number>,
    text?: string,
): SVGElement {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
    if (text !== undefined) made.textContent = text;
    return made;
}

/** Heights by the logarithm, so that tails are seen. */
function histogram({
    histogram: { from, width, bins, nBelow, nAbove },
}: ValueSummary): HTMLElement {
    const most = Math.max(1, ...bins);
    const logOf = (n: number) => (n > 0 ? (Math.log10(n) + 0.3) / (Math.log10(most) + 0.3) : 0);
    const each = WIDTH / bins.length;
    const to = from + width * bins.length;
    const label = `Histogram from ${short(from)} to ${short(to)}; the fullest of ${bins.length} bins has ${count(most)} values`;
    const svg = shape("svg", {
        viewBox: `0 0 ${WIDTH} ${HEIGHT + 22}`,
        role: "img",
        "aria-label": label,
        class: "histogram",
    });
    bins.forEach((n, i) => {
        const height = HEIGHT * logOf(n);
        const bar = shape("rect", {
            x: i * each + 0.5,
            y: HEIGHT - height,
            width: each - 1,
            height,
        });
        bar.append(
            shape(
                "title",
                {},
                `${short(from + i * width)} to ${short(from + (i + 1) * width)}: ${count(n)}`,
            ),
        );
        svg.append(bar);
    });
    svg.append(shape("line", { x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT }));
    const marks = [0, 0.25, 0.5, 0.75, 1];
    for (const at of marks)
        svg.append(
            shape(
                "text",
                {
                    x: at * WIDTH,
                    y: HEIGHT + 16,
                    "text-anchor": at === 0 ? "start" : at === 1 ? "end" : "middle",
                },
                short(rounded(from + at * (to - from), to - from)),
            ),
        );
    const beyond =
        nBelow + nAbove > 0 ? ` ${count(nBelow)} values are below, ${count(nAbove)} above.` : "";
    const rows = bins.flatMap((n, i) =>
        n === 0
            ? []
            : [
                  [
                      number(short(from + i * width)),
                      number(short(from + (i + 1) * width)),
                      number(count(n)),
                  ],
              ],
    );
    const behind = element(
        "details",
        {},
        element("summary", { text: "As a table" }),
        table("", ["From", "To", "Values"], rows),
    );
    return element(
        "figure",
        {},
        svg,
        element("figcaption", {
            class: "note",
            text: `Values by size, 5 standard deviations to each side; heights by the logarithm of their number.${beyond}`,
        }),
        behind,
    );
}

/** What is nothing beside the span is not written out. */
function rounded(value: number, span: number): number {
    const unit = 10 ** Math.floor(Math.log10(span / 1000));
    return unit > 0 ? Math.round(value / unit) * unit : value;
}

const KINDS: Readonly<Record<MethodError["kind"], string>> = {
    rounding: "one scale for the tensor, rounded to the nearest",
    codebook: "k-means: the best table of values",
    type: "a real type",
};

export function methodView({ nSampled, methods, missing, imatrix }: MethodsView): HTMLElement[] {
    const worst = Math.max(...methods.map(({ error }) => error), 1e-9);
    const row = (name: string, isCode: boolean, bits: number, loss: HTMLElement, how: string) => [
        element("th", { scope: "row", class: isCode ? "code" : "", text: name }),
        number(String(Number(bits.toFixed(4)))),
        loss,
        element("td", { text: how }),
    ];
    const tried = methods.map(({ name, kind, bits, error }) => {
        const loss = barCell(error / worst, percent(error));
        const made =
            kind !== "type"
                ? ""
                : imatrix
                  ? `, made with ${imatrix}`
                  : ", without importance matrix";
        return row(name, kind === "type", bits, loss, `${KINDS[kind]}${made}`);
    });
    const others = missing.map(({ name, bits, why }) =>
        row(name, true, bits, element("td", { class: "wide", text: "-" }), why),
    );
    const made = table(
        "What each way loses",
        ["Method", "Bits per weight", "Relative error", "How, or why not"],
        [...tried, ...others],
    );
    made.querySelector("thead th:last-child")?.classList.remove("number");
    const note = `On ${count(nSampled)} values of the tensor. Relative error: root mean square of what is lost by that of the values${imatrix ? `, columns counted by ${imatrix}` : ""}. Nothing is written.`;
    const isWanting = missing.some(({ needsImatrix }) => needsImatrix);
    const other =
        "Types that need an importance matrix are tried when one is used; Ingot: Compare Quantizations... measures whole models of such a type.";
    return [
        element("p", { class: "note", text: note }),
        made,
        ...(isWanting ? [element("p", { class: "note", text: other })] : []),
    ];
}
