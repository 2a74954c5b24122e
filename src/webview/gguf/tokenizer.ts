/** The panel of the tokenizer: what it is and its special tokens, and every token of the vocabulary. */

import type { GgufOverview, TokenRow } from "../../protocol/inspector";
import { element } from "../dom";
import type { Ask } from "./ask";
import { once } from "./metadata";
import { count, factList, plural, searchBox, type Panel } from "./parts";
import { VirtualTable } from "./table";

export function tokenizerPanel(ask: Ask, { tokenizer, nTokens }: GgufOverview): Panel {
    let filter = "";
    if (nTokens === 0)
        return {
            id: "tokenizer",
            title: "Tokenizer",
            element: element("p", { class: "empty", text: "The file has no vocabulary." }),
        };
    const status = element("span", { class: "status", role: "status" });
    const table = new VirtualTable<TokenRow>({
        label: "Tokens",
        columns: [
            { title: "Id", width: "80px", text: ({ id }) => String(id), isNumber: true },
            { title: "Token", width: "minmax(160px, 3fr)", text: ({ text }) => text, isCode: true },
            { title: "Kind", width: "120px", text: ({ kind }) => kind },
            { title: "Role", width: "minmax(100px, 2fr)", text: ({ role }) => role ?? "" },
            {
                title: "Score",
                width: "100px",
                text: ({ score }) =>
                    score === undefined ? "" : String(Number(score.toPrecision(6))),
                isNumber: true,
            },
        ],
        load: (from, n) => ask("tokens", { from, count: n, filter }),
        onTotal: (total) => {
            status.textContent =
                filter === ""
                    ? plural(total, "token")
                    : `${count(total)} of ${plural(nTokens, "token")}`;
        },
        empty: "No token is like that.",
    });
    const box = searchBox("Search tokens by text, id, kind or role", (text) => {
        filter = text;
        table.reload();
    });
    const panel = element(
        "div",
        { class: "split" },
        factList(tokenizer),
        element("div", { class: "bar" }, box, status),
        table.element,
    );
    return {
        id: "tokenizer",
        title: "Tokenizer",
        element: panel,
        show: once(() => table.reload()),
    };
}
