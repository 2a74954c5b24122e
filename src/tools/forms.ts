/**
 * How a family of models writes a call of a tool, told by its chat template: what begins a call, what ends it, and what stands between.
 * Models whose template knows no tools, or writes calls in a way that is not here, get the generic form (docs/tools.md).
 */

/** What stands behind a mark: one object with name and arguments, a list of those, or a name, `[ARGS]` and the arguments. */
export type CallShape = "object" | "list" | "named";

export interface Mark {
    /** Text that begins a call; also a control token's. */
    open: string;
    /** Text behind it; may be missing at the end of an answer. */
    close: string;
    shape: CallShape;
}

export interface CallForm {
    name: "hermes" | "llama" | "mistral" | "mistral-args" | "generic";
    marks: readonly Mark[];
    /** The key of the arguments in a call's object. */
    argumentsKey: "arguments" | "parameters";
    /** Control tokens that are part of a call's text. */
    shown: readonly string[];
    /** How the template wants several calls in one answer. */
    calls: "many" | "one";
}

const TAGS: Mark = { open: "<tool_call>", close: "</tool_call>", shape: "object" };

export const GENERIC: CallForm = {
    name: "generic",
    marks: [TAGS],
    argumentsKey: "arguments",
    shown: [],
    calls: "many",
};

const HERMES: CallForm = { ...GENERIC, name: "hermes" };

const LLAMA: CallForm = {
    name: "llama",
    marks: [{ open: "<|python_tag|>", close: "", shape: "object" }],
    argumentsKey: "parameters",
    shown: ["<|python_tag|>"],
    calls: "one",
};

const MISTRAL: CallForm = {
    name: "mistral",
    marks: [{ open: "[TOOL_CALLS]", close: "", shape: "list" }],
    argumentsKey: "arguments",
    shown: ["[TOOL_CALLS]"],
    calls: "many",
};

const MISTRAL_ARGS: CallForm = {
    name: "mistral-args",
    marks: [{ open: "[TOOL_CALLS]", close: "", shape: "named" }],
    argumentsKey: "arguments",
    shown: ["[TOOL_CALLS]", "[ARGS]"],
    calls: "many",
};

export const ARGUMENTS_MARK = "[ARGS]";

/** By what the template's text holds; the caller finds out whether it really shows tools. */
export function formOf(template: string): CallForm {
    if (!/\btools\b/.test(template)) return GENERIC;
    if (template.includes("[TOOL_CALLS]"))
        return template.includes(ARGUMENTS_MARK) ? MISTRAL_ARGS : MISTRAL;
    // Qwen3-Coder's parameters are not JSON.
    if (template.includes(TAGS.open)) return template.includes("<function=") ? GENERIC : HERMES;
    const isLlama = template.includes("<|start_header_id|>") && template.includes('"parameters"');
    return isLlama ? LLAMA : GENERIC;
}

/**
 * Ways in which small models begin a call without its mark, at the beginning of an answer, in a fence or not: an object that
 * begins with `name`.
 */
export const BARE_STARTS = [
    '{"name": "',
    '{"name":"',
    '{\n  "name": "',
    '{\n    "name": "',
] as const;
export const FENCES = ["```json\n", "```\n", "<tools>\n", "```xml\n<tool_call>\n"] as const;

/** What answers begin with that are most likely calls. */
export function callStarts({ marks }: CallForm): string[] {
    return [...marks.map(({ open }) => open), "```json", '{"'];
}

/** What an answer begins with that is a call, up to the tool's name. */
export function callOpening({ name, marks }: CallForm): string {
    const [mark] = marks;
    const object = '{"name": "';
    if (!mark || name === "llama") return object;
    if (mark.shape === "named") return mark.open;
    return mark.shape === "list" ? `${mark.open} [${object}` : `${mark.open}\n${object}`;
}
