/**
 * The page of a comparison: takes the record from the host, shows advice, picture and table, and reports what the person does. Keeps nothing but
 * how the table is sorted.
 */

import { formatDuration } from "../../base/format";
import { methodOf, reasonsOf } from "../../compare/columns";
import { Channel } from "../../protocol/channel";
import type {
    CompareHostSide,
    ComparePageSide,
    CompareProgress,
    CompareView,
    ExportFormat,
} from "../../protocol/compare";
import { element } from "../dom";
import { openHost } from "../port";
import { Plot } from "./plot";
import { pngOf } from "./png";
import { Table } from "./table";

const FORMATS: readonly [ExportFormat, string, string][] = [
    ["svg", "SVG", "Save the picture as SVG..."],
    ["png", "PNG", "Save the picture as PNG..."],
    ["markdown", "Markdown", "Save table and method as Markdown..."],
    ["csv", "CSV", "Save the figures as CSV..."],
    ["json", "JSON", "Save the record, from which a model card is written..."],
];

const host = openHost();
const root = document.getElementById("compare") ?? document.body.appendChild(element("main"));
const title = element("h1");
const exports = element("div", { class: "exports", role: "group", "aria-label": "Save as" });
const bar = element("div", { class: "bar", role: "progressbar", "aria-label": "Progress" });
const barFill = element("div", { class: "bar-fill" });
bar.append(barFill);
const step = element("span", { class: "step" });
const stop = element("button", { type: "button", class: "button secondary", text: "Stop" });
const running = element("section", { class: "running", "aria-label": "What is done now" });
running.append(bar, step, stop);
const advice = element("section", { class: "advice", "aria-label": "Recommendation" });
const notes = element("section", { class: "notes" });
const status = element("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
let view: CompareView | undefined;
let nDone = 0;

const channel = new Channel<ComparePageSide, CompareHostSide>(host.port, {
    build: __BUILD__,
    handlers: {},
    listeners: { state: paint, progress: paintProgress },
});

const plot = new Plot((file) => table.mark(file));
const table = new Table({
    onFocus: (file) => plot.mark(file),
    onUse: (file) => void channel.request("use", { file }).catch(() => undefined),
    sorting: () => host.state(),
    saveSorting: (sorting) => host.saveState(sorting),
});

stop.addEventListener("click", () => {
    stop.disabled = true;
    void channel.request("stop", undefined).catch(() => undefined);
});
exports.append(
    element("span", { class: "exports-name", "aria-hidden": "true", text: "Save as" }),
    ...FORMATS.map(([format, label, hint]) => {
        const button = element("button", {
            type: "button",
            class: "button secondary",
            title: hint,
        });
        button.append(label);
        button.setAttribute("aria-label", hint);
        button.dataset["format"] = format;
        button.addEventListener("click", () => void save(format));
        return button;
    }),
);
root.append(
    element("header", {}, title, exports),
    running,
    advice,
    plot.element,
    table.element,
    notes,
    status,
);
running.hidden = true;
channel.notify("ready", undefined);

async function save(format: ExportFormat): Promise<void> {
    if (!view) return;
    const { comparison, advice: given } = view;
    const png = format === "png" ? await pngOf(comparison, given.file) : undefined;
    const file = await channel.request("export", { format, png }).catch(() => undefined);
    if (file !== undefined) status.textContent = `Saved as ${file}`;
}

function paint(state: CompareView): void {
    view = state;
    const { comparison } = state;
    title.textContent = `${comparison.model}: quantizations compared`;
    document.title = title.textContent;
    advice.replaceChildren(
        ...state.advice.sentences.map((sentence, i) =>
            i === 0 && state.advice.file !== undefined
                ? headline(sentence)
                : element("p", { text: sentence }),
        ),
    );
    advice.hidden = state.advice.sentences.length === 0;
    advice.classList.toggle("found", state.advice.file !== undefined);
    plot.paint(comparison, state.advice.file);
    table.paint(comparison, state.advice.file);
    notes.replaceChildren(
        element("h2", { text: "How the figures were had" }),
        list(methodOf(comparison)),
        ...section("What is missing, and why", reasonsOf(comparison)),
    );
    for (const button of exports.querySelectorAll("button")) {
        const isPicture = ["svg", "png"].includes(button.dataset["format"] ?? "");
        button.disabled = isPicture && !plot.isThere;
    }
    if (state.progress) paintProgress(state.progress);
    running.hidden = state.progress === undefined;
    announce(state);
}

function paintProgress({ step: name, fraction, secondsLeft }: CompareProgress): void {
    running.hidden = false;
    const percent = Math.floor(fraction * 100);
    bar.setAttribute("aria-valuenow", String(percent));
    bar.setAttribute("aria-valuemin", "0");
    bar.setAttribute("aria-valuemax", "100");
    // A style attribute would need a looser policy for styles than the page has.
    barFill.style.width = `${percent}%`;
    const left = secondsLeft === undefined ? "" : `, ${formatDuration(secondsLeft)} left`;
    step.textContent = `${name} \u2013 ${percent} %${left}`;
}

/** A row is told once, when it is complete. */
function announce({ comparison }: CompareView): void {
    const done = comparison.rows.filter((row) => row.state === "done" || row.state === "failed");
    if (done.length > nDone && nDone > 0)
        status.textContent = `${done.length} of ${comparison.rows.length} rows are measured`;
    nDone = done.length;
}

/** What to use stands out, why does not. */
function headline(sentence: string): HTMLParagraphElement {
    const end = sentence.indexOf(": ") + 1;
    return element(
        "p",
        {},
        element("strong", { text: sentence.slice(0, end) }),
        sentence.slice(end),
    );
}

function section(heading: string, sentences: readonly string[]): Node[] {
    return sentences.length === 0 ? [] : [element("h2", { text: heading }), list(sentences)];
}

function list(sentences: readonly string[]): HTMLUListElement {
    return element("ul", {}, ...sentences.map((text) => element("li", { text })));
}
