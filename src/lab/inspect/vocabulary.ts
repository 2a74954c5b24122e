/** The tokens of a model by page: what each stands for, of which kind it is, which of them have a role. */

import { arrayOf, numberOf } from "../../gguf/metadata";
import type { Page, PageParams, TokenRow } from "../../protocol/inspector";
import type { InspectedModel } from "./model";
import { pageOf } from "./page";

/** Keys `tokenizer.ggml.X_token_id` (the third is spelled like that), and what the token is for. */
export const SPECIAL_ROLES: Readonly<Record<string, string>> = {
    bos: "beginning of sequence",
    eos: "end of sequence",
    unknown: "unknown text",
    seperator: "separator",
    padding: "padding",
    mask: "mask",
    eot: "end of turn",
    eom: "end of message",
    fim_pre: "text before the cursor",
    fim_suf: "text after the cursor",
    fim_mid: "text in the middle",
    fim_pad: "padding in the middle",
    fim_rep: "name of the repository",
    fim_sep: "next file",
};

/** `token_type` of the format. */
const KINDS = ["undefined", "normal", "unknown", "control", "user defined", "unused", "byte"];

export function specialTokens(model: InspectedModel): { key: string; id: number }[] {
    return Object.keys(SPECIAL_ROLES).flatMap((key) => {
        const id = numberOf(model.first, `tokenizer.ggml.${key}_token_id`);
        return id === undefined ? [] : [{ key, id }];
    });
}

/** The filter looks for letters of the token, for its kind, or for its number when it is one. */
export function tokenPage(model: InspectedModel, params: PageParams): Page<TokenRow> {
    const tokens = model.vocabulary?.values ?? [];
    const kinds = arrayOf(model.first, "tokenizer.ggml.token_type")?.values ?? [];
    const scores = arrayOf(model.first, "tokenizer.ggml.scores")?.values ?? [];
    const roles = new Map(specialTokens(model).map(({ key, id }) => [id, SPECIAL_ROLES[key]]));
    const kindOf = (id: number) => KINDS[Number(kinds[id] ?? 1)] ?? "unknown kind";
    const textOf = (id: number) => {
        const token = tokens[id];
        return typeof token === "string" ? token : "";
    };
    const wanted = params.filter.toLowerCase();
    const fits = (id: number) =>
        textOf(id).toLowerCase().includes(wanted) ||
        String(id) === wanted ||
        kindOf(id) === wanted ||
        (roles.get(id)?.includes(wanted) ?? false);
    return pageOf(tokens.length, wanted === "" ? undefined : fits, params, (id) => {
        const score = scores[id];
        return {
            id,
            text: visible(textOf(id)),
            kind: kindOf(id),
            score: typeof score === "number" ? score : undefined,
            role: roles.get(id),
        };
    });
}

const MAX_CHARACTERS = 400;

/** Control characters as their signs, so that a token of a line break is not an empty row. */
export function visible(text: string): string {
    const cut = text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}\u2026` : text;
    // eslint-disable-next-line no-control-regex -- these are what is made visible
    const signs = cut.replace(/[\u0000-\u001f]/g, (sign) =>
        String.fromCharCode(0x2400 + sign.charCodeAt(0)),
    );
    return signs.replaceAll("\u007f", "\u2421").replaceAll(" ", "\u2423");
}
