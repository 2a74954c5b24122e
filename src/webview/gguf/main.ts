/** The page of the GGUF inspector: asks what the file is, then shows a panel for each side of it, which ask for the rest when they are looked at. */

import type { GgufOverview } from "../../protocol/inspector";
import { element } from "../dom";
import { connect } from "./ask";
import { blocksPanel } from "./blocks";
import { metadataPanel } from "./metadata";
import { needsPanel } from "./needs";
import { overviewPanel } from "./overview";
import { problem, textButton } from "./parts";
import { Tabs } from "./tabs";
import { templatePanel } from "./template";
import { tensorsPanel } from "./tensors";
import { tokenizerPanel } from "./tokenizer";

const root = document.getElementById("gguf") ?? document.body.appendChild(element("main"));
const host = connect(() => void load());
const { ask, kept, keep } = host;
let asked = 0;

async function load(): Promise<void> {
    const own = ++asked;
    const waiting = element("p", {
        class: "waiting",
        role: "status",
        text: "Reading the header\u2026",
    });
    root.replaceChildren(waiting);
    try {
        const overview = await ask("open", {});
        if (own === asked) paint(overview);
    } catch (error) {
        if (own !== asked) return;
        const again = textButton("Try Again", () => void load());
        root.replaceChildren(element("div", { class: "failed" }, problem(error), again));
    }
}

function paint(overview: GgufOverview): void {
    const { title, summary, problem: why } = overview;
    const head = element(
        "header",
        {},
        element("h1", { text: title }),
        element("p", { class: "summary", text: summary }),
    );
    if (why !== undefined)
        head.append(
            element("p", {
                class: "problem",
                role: "alert",
                text: `Ingot would not run it: ${why}.`,
            }),
        );
    const blocks = blocksPanel(ask, overview);
    const showBlock = (tensor: string) => {
        blocks.open(tensor);
        tabs.show(blocks.id);
    };
    const panels = [
        overviewPanel(overview),
        metadataPanel(host, overview.nKeys),
        tokenizerPanel(ask, overview),
        templatePanel(ask, overview.templates),
        tensorsPanel(ask, overview, showBlock),
        ...(overview.nTensors > 0 ? [blocks, needsPanel(ask)] : []),
    ];
    const tabs = new Tabs(panels, kept().tab, (tab) => keep({ tab }));
    root.replaceChildren(head, tabs.element);
}

void load();
