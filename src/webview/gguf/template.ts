/** The panel of the chat templates: the source with numbered lines beside what it makes of a sample chat, or the line at which it fails. */

import type { TemplateView } from "../../protocol/inspector";
import { element } from "../dom";
import type { Ask } from "./ask";
import { once } from "./metadata";
import { copyButton, problem, type Panel } from "./parts";

export function templatePanel(ask: Ask, names: readonly string[]): Panel {
    const id = "template";
    const title = "Chat Template";
    if (names.length === 0)
        return {
            id,
            title,
            element: element("p", {
                class: "empty",
                text: "The file has no chat template: it was not made for conversations.",
            }),
        };
    const select = element("select", { "aria-label": "Template" });
    for (const name of names) select.append(element("option", { value: name, text: name }));
    const system = element("input", { type: "checkbox" });
    system.checked = true;
    const body = element("div", { class: "template", "aria-live": "polite" });
    let asked = 0;

    async function load(): Promise<void> {
        const own = ++asked;
        const params = { name: select.value, withSystem: system.checked };
        body.setAttribute("aria-busy", "true");
        try {
            const view = await ask("template", params);
            if (own === asked) body.replaceChildren(...paint(view));
        } catch (error) {
            if (own === asked) body.replaceChildren(problem(error));
        }
        body.removeAttribute("aria-busy");
    }

    function paint({ source, rendered, problem: why, line }: TemplateView): HTMLElement[] {
        const right =
            rendered === undefined
                ? block("Sample chat", [problem(new Error(why ?? "It was not rendered"))])
                : block(
                      "Sample chat, as the model sees it",
                      [text(rendered, "Rendered prompt")],
                      () => ask("copy", { text: rendered }),
                  );
        const left = block("Template", [sourceLines(source, line)], () =>
            ask("copy", { text: source }),
        );
        return [left, right];
    }

    select.addEventListener("change", () => void load());
    system.addEventListener("change", () => void load());
    const bar = element("div", { class: "bar" });
    if (names.length > 1) bar.append(select);
    bar.append(element("label", {}, system, "With a system message"));
    return {
        id,
        title,
        element: element("div", { class: "split" }, bar, body),
        show: once(() => void load()),
    };
}

function block(
    title: string,
    content: readonly HTMLElement[],
    copy?: () => Promise<unknown>,
): HTMLElement {
    const head = element("div", { class: "details-head" }, element("h2", { text: title }));
    if (copy) head.append(copyButton("Copy", copy));
    return element("section", { class: "block", "aria-label": title }, head, ...content);
}

function text(content: string, label: string): HTMLElement {
    return element("pre", { tabindex: "0", role: "group", "aria-label": label, text: content });
}

const MAX_LINES = 5000;

function sourceLines(source: string, wrong: number | undefined): HTMLElement {
    const lines = source.split("\n").slice(0, MAX_LINES);
    const list = element("ol", {
        class: "lines code",
        tabindex: "0",
        "aria-label": "Source of the template",
    });
    lines.forEach((line, i) => {
        const isWrong = i + 1 === wrong;
        list.append(
            element("li", {
                text: line === "" ? " " : line,
                class: isWrong ? "wrong" : "",
                ...(isWrong ? { "aria-label": `Fails here: ${line}` } : {}),
            }),
        );
    });
    return list;
}
