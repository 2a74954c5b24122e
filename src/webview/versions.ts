/** Stepping through the versions of a question or an answer. */

import type { ChatTurn } from "../protocol/webview";
import { element, iconButton } from "./dom";

/** `< 1/2 >`: nothing where there is one version. */
export function versionSwitch(
    { version, role }: ChatTurn,
    isBusy: boolean,
    select: (step: -1 | 1) => void,
): HTMLElement[] {
    if (!version) return [];
    const { at, of } = version;
    const name = role === "user" ? "Question" : "Answer";
    const before = iconButton("chevron-left", `Previous ${name}`, () => select(-1));
    const after = iconButton("chevron-right", `Next ${name}`, () => select(1));
    before.disabled = isBusy || at <= 1;
    after.disabled = isBusy || at >= of;
    const count = element("span", {
        class: "version-count",
        text: `${at}/${of}`,
        "aria-label": `${name} ${at} of ${of}`,
    });
    return [element("span", { class: "versions", role: "group" }, before, count, after)];
}
