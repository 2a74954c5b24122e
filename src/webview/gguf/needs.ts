/** The panel of the memory: what the model takes at each length of context, and how it is split when layers are on a graphics card. */

import { formatBytes } from "../../base/format";
import type { NeedsView } from "../../protocol/inspector";
import { element } from "../dom";
import type { Ask } from "./ask";
import { once } from "./metadata";
import { table } from "./overview";
import { count, problem, type Panel } from "./parts";

export function needsPanel(ask: Ask): Panel {
    const body = element("div", { class: "overview" });
    const select = element("select", { "aria-label": "Context" });
    let asked = 0;

    async function load(): Promise<void> {
        const own = ++asked;
        const contextTokens = select.value === "" ? undefined : Number(select.value);
        try {
            const view = await ask("needs", { contextTokens });
            if (own !== asked) return;
            if (select.options.length === 0) fill(view);
            body.replaceChildren(...paint(view));
        } catch (error) {
            if (own === asked) body.replaceChildren(problem(error));
        }
    }

    function fill({ contexts, tokens }: NeedsView): void {
        for (const one of contexts)
            select.append(
                element("option", {
                    value: String(one.tokens),
                    text: `${count(one.tokens)} tokens`,
                }),
            );
        select.value = String(tokens);
    }

    function paint(view: NeedsView): HTMLElement[] {
        const parts = [element("p", { text: words(view) }), contexts(view)];
        if (view.offload.length > 0)
            parts.push(
                element(
                    "div",
                    { class: "bar" },
                    element("label", {}, "Layers on a graphics card, with a context of", select),
                ),
                layers(view),
            );
        return parts;
    }

    select.addEventListener("change", () => void load());
    return { id: "memory", title: "Memory", element: body, show: once(() => void load()) };
}

function words({ asLoaded, asLoadedTokens, knowsCache, trainedTokens }: NeedsView): string {
    const cache = knowsCache
        ? ""
        : " The file does not say what its KV cache takes; a fifth of the file is allowed for it.";
    const trained =
        trainedTokens > 0
            ? ` It was trained on texts of up to ${count(trainedTokens)} tokens.`
            : "";
    return `As Ingot loads it, for completions and chat with ${count(asLoadedTokens)} tokens each, it takes ${formatBytes(asLoaded)}.${trained}${cache}`;
}

function contexts({ weights, overhead, contexts: all, knowsCache }: NeedsView): HTMLElement {
    const most = Math.max(...all.map(({ total }) => total), 1);
    const rows = all.map(({ tokens, cache, total }) => {
        const bar = element("span", { class: "stacked", "aria-hidden": "true" });
        for (const [part, bytes] of [
            ["weights", weights],
            ["cache", cache],
            ["rest", overhead],
        ] as const) {
            const piece = element("span", { class: `piece ${part}` });
            piece.style.width = `${(100 * bytes) / most}%`;
            bar.append(piece);
        }
        return [
            element("th", { scope: "row", text: count(tokens) }),
            cell(formatBytes(weights)),
            cell(knowsCache ? formatBytes(cache) : "not known"),
            cell(formatBytes(overhead)),
            cell(formatBytes(total)),
            element("td", { class: "wide" }, bar),
        ];
    });
    const titles = ["Context (tokens)", "Weights", "KV cache", "Buffers", "Together", ""];
    const made = table("Memory by length of context", titles, rows);
    const legend = element("p", { class: "note legend" });
    for (const [part, text] of [
        ["weights", "weights"],
        ["cache", "KV cache in F16"],
        ["rest", "buffers and the engine itself, an estimate"],
    ] as const)
        legend.append(element("span", { class: `piece ${part}`, "aria-hidden": "true" }), text);
    return element("div", {}, made, legend);
}

function layers({ offload }: NeedsView): HTMLElement {
    const last = offload.at(-1);
    const rows = offload.map((step) => [
        element("th", {
            scope: "row",
            text: step.isWhole
                ? `all ${step.layers - 1} and the output`
                : step.layers === 0
                  ? "none"
                  : count(step.layers),
        }),
        cell(formatBytes(step.card)),
        cell(formatBytes(step.main)),
    ]);
    const titles = ["Layers offloaded", "Graphics memory", "Main memory"];
    const made = table("Weights and KV cache, without buffers", titles, rows);
    return element(
        "div",
        {},
        made,
        element("p", {
            class: "note",
            text: last
                ? "The token embedding stays in main memory; a model that has no output matrix of its own has it a second time on the card."
                : "",
        }),
    );
}

function cell(text: string): HTMLElement {
    return element("td", { class: "number", text });
}
