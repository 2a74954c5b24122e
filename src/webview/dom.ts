/** Two functions to build elements; nothing here takes HTML text. */

export interface Attributes {
    class?: string;
    text?: string;
    title?: string;
    /** Any other attribute: `role`, `aria-label` ... */
    [name: string]: string | undefined;
}

export function element<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    { text, ...attributes }: Attributes = {},
    ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes))
        if (value !== undefined) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    made.append(...children);
    return made;
}

/** A button that is only a codicon; its label is said and shown as the tooltip. */
export function iconButton(icon: string, label: string, onClick: () => void): HTMLButtonElement {
    const button = element(
        "button",
        { class: "icon-button", type: "button", title: label, "aria-label": label },
        element("span", { class: `codicon codicon-${icon}`, "aria-hidden": "true" }),
    );
    button.addEventListener("click", onClick);
    return button;
}

/** Shows for a moment that the click did something; the label is what a screen reader says. */
export function confirmClick(button: HTMLButtonElement, label: string): void {
    const icon = button.querySelector(".codicon");
    const before = { icon: icon?.className ?? "", label: button.title };
    if (button.dataset["confirmed"]) return;
    button.dataset["confirmed"] = "true";
    if (icon) icon.className = "codicon codicon-check";
    button.title = label;
    button.setAttribute("aria-label", label);
    setTimeout(() => {
        delete button.dataset["confirmed"];
        if (icon) icon.className = before.icon;
        button.title = before.label;
        button.setAttribute("aria-label", before.label);
    }, 1500);
}
