/** The chat templates of a model, and what each makes of a sample chat. A template is hostile input: whoever renders it bounds its time. */

import { AppError } from "../../base/errors";
import { numberOf } from "../../gguf/metadata";
import { ChatTemplate } from "../../prompt/chatTemplate";
import { resolveTemplate } from "../../prompt/namedTemplates";
import type { ChatMessage } from "../../protocol/chat";
import type { TemplateView } from "../../protocol/inspector";
import type { InspectedModel } from "./model";

const KEY = "tokenizer.chat_template";
export const DEFAULT_TEMPLATE = "default";
const MAX_TEMPLATES = 50;
/** A template can write a text over and over. */
const MAX_RENDERED = 200_000;

const SAMPLE: readonly ChatMessage[] = [
    { role: "system", content: "Answer in one sentence." },
    { role: "user", content: "What does this return?\n\n    sum([1, 2, 3])" },
    { role: "assistant", content: "It returns 6." },
    { role: "user", content: "And of an empty list?" },
];

/** The one that is used first. */
export function templateNames(model: InspectedModel): string[] {
    const named = [...model.first.metadata.keys()]
        .filter((key) => key.startsWith(`${KEY}.`))
        .map((key) => key.slice(KEY.length + 1))
        .filter((name) => model.text(`${KEY}.${name}`) !== undefined);
    const usual = model.text(KEY) === undefined ? [] : [DEFAULT_TEMPLATE];
    return [...usual, ...named.filter((name) => name !== DEFAULT_TEMPLATE)].slice(0, MAX_TEMPLATES);
}

/** Throws AppError `user/usage` when there is no template of that name. */
export function viewTemplate(
    model: InspectedModel,
    { name, withSystem }: { name: string; withSystem: boolean },
): TemplateView {
    const given = model.text(name === DEFAULT_TEMPLATE ? KEY : `${KEY}.${name}`);
    if (given === undefined)
        throw new AppError("user/usage", "The model has no chat template of that name");
    const messages = SAMPLE.filter(({ role }) => withSystem || role !== "system");
    let source = given;
    try {
        source = resolveTemplate(given);
        const rendered = new ChatTemplate(given, tokensOf(model)).render(messages);
        return { source, rendered: rendered.slice(0, MAX_RENDERED) };
    } catch (error) {
        if (!(error instanceof AppError)) throw error;
        const line = /\(line (\d+)\)/.exec(error.message)?.[1];
        return {
            source,
            problem: error.message,
            line: line === undefined ? undefined : Number(line),
        };
    }
}

function tokensOf(model: InspectedModel): { bos: string; eos: string } {
    const text = (key: string) => {
        const id = numberOf(model.first, `tokenizer.ggml.${key}_token_id`);
        const token = id === undefined ? undefined : model.vocabulary?.values[id];
        return typeof token === "string" ? token : "";
    };
    return { bos: text("bos"), eos: text("eos") };
}
