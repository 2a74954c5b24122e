/** Changes of the metadata that wait to be written into a copy: a form for one key, and a bar that says how many there are. */

import { SCALAR_TYPES, type KeyEdit, type ScalarType } from "../../protocol/inspector";
import { element } from "../dom";
import type { Ask } from "./ask";
import { plural, problem, textButton } from "./parts";

export class Edits {
    readonly bar = element("div", { class: "bar edits", role: "status" });
    private readonly edits: Map<string, KeyEdit>;
    private readonly failure = element("div");

    /** `keep` gets them after each change: the page is made anew when it was hidden. `onChange`: what is shown of a key may be another. */
    constructor(
        private readonly ask: Ask,
        kept: readonly KeyEdit[],
        private readonly keep: (edits: readonly KeyEdit[]) => void,
        private readonly onChange: () => void,
    ) {
        this.edits = new Map(kept.map((edit) => [edit.key, edit]));
        this.paint();
    }

    get(key: string): KeyEdit | undefined {
        return this.edits.get(key);
    }

    add(edit: KeyEdit): void {
        this.edits.set(edit.key, edit);
        this.changed();
    }

    drop(key: string): void {
        this.edits.delete(key);
        this.changed();
    }

    /** `key`: undefined asks for a new one. `onDone`: changed, or given up. */
    form(
        given: { key?: string; type: ScalarType; value: string },
        onDone: () => void,
    ): HTMLFormElement {
        const key = element("input", {
            type: "text",
            "aria-label": "Key",
            placeholder: "Key, like general.name",
        });
        key.value = given.key ?? "";
        key.hidden = given.key !== undefined;
        const type = element("select", { "aria-label": "Type of the value" });
        for (const one of SCALAR_TYPES) type.append(element("option", { value: one, text: one }));
        type.value = given.type;
        const value = element("textarea", {
            rows: "2",
            "aria-label": "Value",
            placeholder: "Value",
            spellcheck: "false",
        });
        value.value = given.value;
        const set = element("button", { type: "submit", class: "button", text: "Change" });
        const form = element(
            "form",
            { class: "bar edit-form" },
            key,
            type,
            value,
            set,
            textButton("Back", onDone),
        );
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            const name = key.value.trim();
            if (name === "") return key.focus();
            this.add({
                kind: "set",
                key: name,
                type: type.value as ScalarType,
                value: value.value,
            });
            onDone();
        });
        return form;
    }

    private changed(): void {
        this.failure.replaceChildren();
        this.keep([...this.edits.values()]);
        this.paint();
        this.onChange();
    }

    private paint(): void {
        const n = this.edits.size;
        this.bar.hidden = n === 0;
        const names = [...this.edits.values()].map(
            ({ kind, key }) => `${kind === "remove" ? "-" : ""}${key}`,
        );
        this.bar.replaceChildren(
            element("span", { text: `${plural(n, "change")} for a copy: ${names.join(", ")}` }),
            textButton("Save Copy...", () => void this.save(), true),
            textButton("Discard", () => {
                this.edits.clear();
                this.changed();
            }),
            this.failure,
        );
    }

    private async save(): Promise<void> {
        this.failure.replaceChildren();
        try {
            const isSaved = await this.ask("saveCopy", { edits: [...this.edits.values()] });
            if (!isSaved) return;
            this.edits.clear();
            this.changed();
        } catch (error) {
            this.failure.replaceChildren(problem(error));
        }
    }
}
