/** HTML as text, made safely: everything that is not `Markup` is escaped. Pure. */

import { escapeMarkup } from "../../base/escape";

/** HTML that is finished; only `html` makes it. */
export class Markup {
    constructor(readonly text: string) {}
}

type Value = Markup | string | number | undefined | readonly (Markup | undefined)[];

export const NOTHING = new Markup("");

/** `` html`<p>${text}</p>` ``: strings are escaped, lists joined, undefined is nothing. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Markup {
    return new Markup(strings.map((text, i) => text + written(values[i])).join(""));
}

function written(value: Value): string {
    if (value === undefined) return "";
    if (value instanceof Markup) return value.text;
    if (typeof value !== "object") return escapeMarkup(String(value));
    return value.map((one) => one?.text ?? "").join("");
}
