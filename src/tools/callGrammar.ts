/** What a model may write once it has begun a call: one of the tools by its name, with arguments that are valid for its schema. */

import { AppError } from "../base/errors";
import type { ToolDefinition } from "../protocol/chat";
import { ARGUMENTS_MARK, BARE_STARTS, FENCES, type CallForm, type Mark } from "./forms";
import { Grammar, type Node } from "./grammar";
import { COLON, COMMA } from "./jsonText";
import { SchemaGrammar } from "./schema";
import { isObject, merged, type Schema } from "./schemaParts";

/** As the addon takes it (HeldTo in src/node/native.ts), without what depends on the prompt. */
export interface CallGrammar {
    numbers: number[];
    /** A call from the first byte on. */
    required: number;
    /** The same where the first tool is known, by its name; those that can have no arguments are left out. */
    requiredOf: ReadonlyMap<string, number>;
    triggers: { text: string; root: number; atStart: boolean }[];
}

/** Calls behind the first one in an answer. */
const MORE_CALLS = 7;

interface Tool {
    name: string;
    arguments: Node;
}

/** Throws AppError `data/unsupported` when a tool's parameters are too much, or can have no value. */
export function callGrammar(form: CallForm, definitions: readonly ToolDefinition[]): CallGrammar {
    const grammar = new Grammar();
    const tools = definitions.map((tool) => ({
        name: tool.name,
        arguments: argumentsOf(grammar, tool),
    }));
    const make = new CallNodes(grammar, form, tools);
    const [mark] = form.marks;
    if (!mark) throw new AppError("bug/internal", `The form ${form.name} has no mark`);
    const starts: { text: string; node: Node; atStart: boolean }[] = [
        ...form.marks.map(({ open }) => ({ text: open, node: make.behind(mark), atStart: false })),
        ...["", ...FENCES].flatMap((fence) =>
            BARE_STARTS.flatMap((start) =>
                tools.map((tool) => ({
                    text: `${fence}${start}${nameOf(tool)}`,
                    node: make.behindFence(fence, tool),
                    atStart: true,
                })),
            ),
        ),
    ];
    const { numbers, roots } = grammar.compile([
        make.required(mark),
        ...tools.map((tool) => make.required(mark, tool)),
        ...starts.map(({ node }) => node),
    ]);
    const [required] = roots;
    const others = roots.slice(1 + tools.length);
    const requiredOf = new Map(
        tools.flatMap(({ name }, i) => {
            const root = roots[1 + i];
            return root === undefined ? [] : [[name, root] as const];
        }),
    );
    if (required === undefined)
        throw new AppError(
            "data/unsupported",
            "The parameters of the tools allow no value at all, so none can be called; leave them out",
        );
    const triggers = starts.flatMap(({ text, atStart }, i) => {
        const root = others[i];
        return root === undefined ? [] : [{ text, root, atStart }];
    });
    return { numbers, required, requiredOf, triggers };
}

function argumentsOf(grammar: Grammar, { name, parameters }: ToolDefinition): Node {
    if (parameters === undefined) return grammar.text("{}");
    const given = isObject(parameters) ? parameters : {};
    const schema = merged(
        says(given) ? { type: "object" } : { type: "object", properties: {} },
        given,
    );
    try {
        return new SchemaGrammar(grammar, schema).value(schema);
    } catch (error) {
        if (!(error instanceof AppError)) throw error;
        throw new AppError(error.code, `${error.message} (tool ${name})`, { cause: error });
    }
}

/** Whether a schema tells of arguments at all: "an object" alone is how tools without any are declared. */
function says(schema: Schema): boolean {
    return TELLING.some((key) => key in schema);
}

const TELLING = [
    ...["properties", "required", "additionalProperties", "patternProperties", "propertyNames"],
    ...["minProperties", "$ref", "allOf", "anyOf", "oneOf", "const", "enum"],
];

/** With the quote behind it. */
function nameOf({ name }: Tool): string {
    return JSON.stringify(name).slice(1);
}

class CallNodes {
    constructor(
        private readonly g: Grammar,
        private readonly form: CallForm,
        private readonly tools: readonly Tool[],
    ) {}

    /** An answer that is nothing but calls; `first`: of that tool to begin with. */
    required(mark: Mark, first?: Tool): Node {
        const isPlain = this.form.name === "llama";
        if (isPlain) return this.object(first);
        return this.g.sequence([this.g.text(mark.open), this.behind(mark, first)]);
    }

    private object(first?: Tool): Node {
        return this.g.sequence([this.g.text('{"name": "'), this.behindBare(first)]);
    }

    /** What follows a mark, up to the end of the answer. */
    behind(mark: Mark, first?: Tool): Node {
        const { g } = this;
        const [begun, object] = [this.object(first), this.object()];
        switch (mark.shape) {
            case "object": {
                if (mark.close === "") return begun;
                const inTags = (inside: Node) =>
                    g.sequence([g.text("\n"), inside, g.text(`\n${mark.close}`)]);
                const next = g.sequence([g.text(`\n${mark.open}`), inTags(object)]);
                return g.sequence([inTags(begun), g.repeat(next, 0, MORE_CALLS)]);
            }
            case "list": {
                const next = g.sequence([g.text(COMMA), object]);
                const list = [g.text("["), begun, g.repeat(next, 0, MORE_CALLS), g.text("]")];
                return g.sequence([g.optional(g.text(" ")), ...list]);
            }
            case "named": {
                const one = (tool: Tool) =>
                    g.sequence([g.text(`${tool.name}${ARGUMENTS_MARK}`), tool.arguments]);
                const any = g.choice(this.tools.map(one));
                return g.sequence([
                    first ? one(first) : any,
                    g.repeat(g.sequence([g.text(mark.open), any]), 0, MORE_CALLS),
                ]);
            }
        }
    }

    /** Behind the name of a tool in an object without a mark: other names are an answer that happens to be JSON. */
    behindFence(fence: string, tool: Tool): Node {
        const { g } = this;
        if (fence === "") return this.arguments(tool);
        const close = fence.includes("<tool_call>")
            ? "\n</tool_call>\n```"
            : fence.startsWith("<")
              ? "\n</tools>"
              : "\n```";
        return g.sequence([this.arguments(tool), g.text(close)]);
    }

    /** Behind the quote that begins a tool's name. */
    private behindBare(first?: Tool): Node {
        return this.g.choice(
            (first ? [first] : this.tools).map((tool) =>
                this.g.sequence([this.g.text(nameOf(tool)), this.arguments(tool)]),
            ),
        );
    }

    private arguments(tool: Tool): Node {
        const key = JSON.stringify(this.form.argumentsKey);
        return this.g.sequence([
            this.g.text(`${COMMA}${key}${COLON}`),
            tool.arguments,
            this.g.text("}"),
        ]);
    }
}
