/** One piece of context above the input: the open file or selection, which are switched, or what was added, which is pinned or removed. */

import type { ContextChip } from "../protocol/webview";
import { element, iconButton } from "./dom";
import { iconOf } from "./suggest";

export interface ChipActions {
    toggleChip(id: string): void;
    removeChip(id: string): void;
    pinChip(id: string): void;
}

export function chipElement(chip: ContextChip, actions: ChipActions): HTMLElement {
    return chip.isAdded ? addedChip(chip, actions) : switchedChip(chip, actions);
}

function switchedChip(
    { id, kind, label, tooltip, enabled }: ContextChip,
    actions: ChipActions,
): HTMLElement {
    const button = element(
        "button",
        {
            class: "chip",
            type: "button",
            "data-chip": id,
            "aria-pressed": String(enabled),
            "aria-label": `${label}, ${enabled ? "sent along" : "not sent along"}`,
            title: enabled
                ? `${tooltip}\nSent along. Click to leave it out.`
                : `${tooltip}\nNot sent along. Click to send it along.`,
        },
        icon(enabled ? iconOf(kind) : "add"),
        element("span", { class: "chip-label", text: label }),
    );
    button.addEventListener("click", () => actions.toggleChip(id));
    return button;
}

function addedChip(
    { id, kind, label, tooltip, isPinned }: ContextChip,
    actions: ChipActions,
): HTMLElement {
    const pin = iconButton(
        isPinned ? "pinned" : "pin",
        isPinned ? `Unpin ${label}` : `Pin ${label} to This Chat`,
        () => actions.pinChip(id),
    );
    pin.setAttribute("aria-pressed", String(isPinned === true));
    pin.dataset["chip"] = id;
    const remove = iconButton("close", `Remove ${label}`, () => actions.removeChip(id));
    const state = isPinned ? "pinned, sent with every question" : "sent with the next question";
    return element(
        "span",
        { class: "chip added", role: "group", "aria-label": `${label}, ${state}`, title: tooltip },
        icon(iconOf(kind)),
        element("span", { class: "chip-label", text: label }),
        pin,
        remove,
    );
}

function icon(name: string): HTMLElement {
    return element("span", { class: `codicon codicon-${name}`, "aria-hidden": "true" });
}
