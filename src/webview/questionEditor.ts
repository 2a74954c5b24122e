/** A question that is written anew in its place: Enter sends it as another branch, Escape leaves it as it was. */

import { element } from "./dom";

export interface QuestionEditorActions {
    send(text: string): void;
    cancel(): void;
}

export function questionEditor(text: string, actions: QuestionEditorActions): HTMLFormElement {
    const input = element("textarea", {
        class: "question-input",
        "aria-label": "Edit the question. Enter sends, Escape cancels",
        spellcheck: "false",
    });
    input.value = text;
    const send = element("button", { class: "button", type: "submit", text: "Send" });
    const cancel = element("button", { class: "button secondary", type: "button", text: "Cancel" });
    const form = element(
        "form",
        { class: "question-editor" },
        input,
        element("div", { class: "buttons" }, send, cancel),
    );
    const submit = () => {
        if (input.value.trim() !== "") actions.send(input.value);
    };
    cancel.addEventListener("click", () => actions.cancel());
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        submit();
    });
    form.addEventListener("keydown", (event) => {
        if (event.isComposing) return;
        if (event.key === "Escape") {
            event.preventDefault();
            event.stopPropagation();
            actions.cancel();
        } else if (event.key === "Enter" && !event.shiftKey && event.target === input) {
            event.preventDefault();
            submit();
        }
    });
    return form;
}
