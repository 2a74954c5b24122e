/**
 * The last gate before HTML text becomes elements: a short list of tags and attributes, nothing that loads, runs or submits.
 * Links lose their address: the page asks the host, which asks the person.
 */

import createPurifier from "dompurify";
import { isWebAddress } from "./markdown";

const TAGS = [
    ...["p", "br", "hr", "em", "strong", "s", "del", "code", "pre", "blockquote", "span", "a"],
    ...["h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li"],
    ...["table", "thead", "tbody", "tr", "th", "td"],
];
const ATTRIBUTES = ["href", "class", "start", "align"];

const purifier = createPurifier(window);

/** Elements of HTML text, safe to put into the page. */
export function toElements(html: string): DocumentFragment {
    const fragment = purifier.sanitize(html, {
        ALLOWED_TAGS: TAGS,
        ALLOWED_ATTR: ATTRIBUTES,
        ALLOW_DATA_ATTR: false,
        ALLOW_ARIA_ATTR: false,
        RETURN_DOM_FRAGMENT: true,
    });
    for (const link of fragment.querySelectorAll("a")) disarm(link);
    return fragment;
}

function disarm(link: HTMLAnchorElement): void {
    const href = link.getAttribute("href") ?? "";
    link.removeAttribute("href");
    if (!isWebAddress(href)) return;
    link.dataset["address"] = href;
    link.title = href;
    link.setAttribute("role", "link");
    link.tabIndex = 0;
}
