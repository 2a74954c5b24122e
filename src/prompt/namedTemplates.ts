/**
 * Chat templates that a GGUF file gives by name only, as llama.cpp's converter (and ours) does for Mistral's tekken vocabularies: the
 * names, and the same prompts as Jinja. Source: `llm_chat_apply_template` in src/llama-chat.cpp of llama.cpp v0.5.0.
 */

import { AppError } from "../base/errors";

interface Spaces {
    /** Before `[INST]` and `[/INST]`. */
    leading: "" | " ";
    /** After a tag. */
    trailing: "" | " ";
    trimsAnswers?: boolean;
}

/** System message and question in one pair of tags. */
function inTurns({ leading, trailing, trimsAnswers }: Spaces): string {
    const answer = trimsAnswers ? "m['content'] | trim" : "m['content']";
    return [
        "{%- set ns = namespace(inside=false) -%}",
        "{%- for m in messages -%}",
        `{%- if not ns.inside -%}{%- set ns.inside = true -%}{{- '${leading}[INST]${trailing}' -}}{%- endif -%}`,
        "{%- if m['role'] == 'system' -%}{{- m['content'] + '\\n\\n' -}}",
        `{%- elif m['role'] == 'user' -%}{{- m['content'] + '${leading}[/INST]' -}}`,
        `{%- else -%}{{- '${trailing}' -}}{{- ${answer} -}}{{- '</s>' -}}{%- set ns.inside = false -%}`,
        "{%- endif -%}{%- endfor -%}",
    ].join("");
}

/** The system message has tags of its own. */
function withSystemTags(trailing: "" | " "): string {
    return [
        "{%- for m in messages -%}",
        `{%- if m['role'] == 'system' -%}{{- '[SYSTEM_PROMPT]${trailing}' + m['content'] + '[/SYSTEM_PROMPT]' -}}`,
        `{%- elif m['role'] == 'user' -%}{{- '[INST]${trailing}' + m['content'] + '[/INST]' -}}`,
        `{%- else -%}{{- '${trailing}' + m['content'] + '</s>' -}}`,
        "{%- endif -%}{%- endfor -%}",
    ].join("");
}

const NAMED: ReadonlyMap<string, string> = new Map([
    ["mistral-v1", inTurns({ leading: " ", trailing: " " })],
    ["mistral-v3", inTurns({ leading: "", trailing: " ", trimsAnswers: true })],
    ["mistral-v3-tekken", inTurns({ leading: "", trailing: "" })],
    ["mistral-v7", withSystemTags(" ")],
    ["mistral-v7-tekken", withSystemTags("")],
]);

/**
 * The template that a file's `tokenizer.chat_template` means: itself, or the one that it names. Throws AppError `data/template` for a
 * name that is not known: rendered as it is, it would be the whole prompt.
 */
export function resolveTemplate(given: string): string {
    const named = NAMED.get(given.trim());
    if (named !== undefined) return named;
    if (!/^\s*[\w.-]{1,64}\s*$/.test(given)) return given;
    throw new AppError(
        "data/template",
        `This model names its chat template, ${given.trim()}, instead of holding it, and Ingot does not know that name; choose another model for chat`,
    );
}
