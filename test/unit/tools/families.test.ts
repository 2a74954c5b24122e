// Each family from end to end: what a template writes of a call is what the grammar allows and what the parser reads.
import { describe, expect, it } from "vitest";
import { toolFormOf } from "../../../src/engine/chatTurn";
import { ChatTemplate } from "../../../src/prompt/chatTemplate";
import type { ChatMessage, ToolDefinition } from "../../../src/protocol/chat";
import { callGrammar } from "../../../src/tools/callGrammar";
import { callOpening, GENERIC } from "../../../src/tools/forms";
import { CallParser } from "../../../src/tools/callParser";
import { templateMessages, templateTools } from "../../../src/tools/messages";
import { matches } from "../../support/grammarMatch";

const TOOLS_FIRST = "{% if tools %}{% for t in tools %}{{ t | tojson }}{% endfor %}{% endif %}";
const LOOP = "{% for m in messages %}<{{ m.role }}>{{ m.content }}";
const END = "</{{ m.role }}>{% endfor %}";
const calls = (inside: string) =>
    `{% if m.tool_calls %}{% for c in m.tool_calls %}${inside}{% endfor %}{% endif %}`;

const TEMPLATES = {
    hermes: `${TOOLS_FIRST}${LOOP}${calls('{% if not loop.first %}{{ "\\n" }}{% endif %}<tool_call>\n{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}\n</tool_call>')}${END}`,
    llama: `<|start_header_id|>${TOOLS_FIRST}${LOOP}${calls('{"name": "{{ c.function.name }}", "parameters": {{ c.function.arguments | tojson }}}')}${END}`,
    mistral: `${TOOLS_FIRST}${LOOP}{% if m.tool_calls %}[TOOL_CALLS] [{% for c in m.tool_calls %}{% if not loop.first %}, {% endif %}{{ c.function | tojson }}{% endfor %}]{% endif %}${END}`,
    "mistral-args": `${TOOLS_FIRST}${LOOP}${calls("[TOOL_CALLS]{{ c.function.name }}[ARGS]{{ c.function.arguments | tojson }}")}${END}`,
    generic: `${LOOP}${END}`,
} as const;

const stop: ToolDefinition = { name: "stop", description: "Stops." };
const tools: ToolDefinition[] = [
    {
        name: "edit",
        description: "Edits.",
        parameters: {
            type: "object",
            properties: {
                path: { type: "string" },
                lines: { type: "array", items: { type: "integer" } },
            },
            required: ["path"],
        },
    },
    stop,
];
const args = { path: 'a "b"/ü.ts', lines: [1, -20] };

describe.each(Object.entries(TEMPLATES))("%s", (name, source) => {
    const template = new ChatTemplate(source, { bos: "", eos: "" });
    const form = toolFormOf(template, source);
    const toolCalls =
        name === "llama"
            ? [{ id: "1", name: "edit", arguments: args }]
            : [
                  { id: "1", name: "edit", arguments: args },
                  { id: "2", name: "stop", arguments: {} },
              ];
    const conversation: ChatMessage[] = [
        { role: "user", content: "Do it." },
        { role: "assistant", content: "", toolCalls },
    ];
    const text = template.render(templateMessages(conversation, form, tools), {
        tools: templateTools(tools),
    });
    const answer = text.slice(text.indexOf("<assistant>") + 11, text.indexOf("</assistant>"));

    it("is told by its template", () => {
        expect(form.name).toBe(name);
        expect(text).toContain("Edits.");
    });

    it("may write what its template shows, and nothing else", () => {
        const { numbers, required } = callGrammar(form, tools);
        const program = { numbers, roots: [required] };
        expect([answer, matches(program, answer)]).toEqual([answer, true]);
        for (const wrong of [
            answer.replace("edit", "edits"),
            answer.replace("-20", "-2.5"),
            `${answer} `,
            answer.slice(0, -1),
            "Hello",
        ])
            expect([wrong, matches(program, wrong)]).toEqual([wrong, false]);
    });

    it("may be held to the tool that was chosen", () => {
        const { numbers, requiredOf } = callGrammar(form, tools);
        const fits = (tool: string) => matches({ numbers, roots: [requiredOf.get(tool)] }, answer);
        expect([fits("edit"), fits("stop")]).toEqual([true, false]);
        expect(answer.startsWith(`${callOpening(form)}edit`)).toBe(true);
    });

    it("is read as what was written", () => {
        const parser = new CallParser(form, new Set(["edit", "stop"]));
        const parts = [...parser.push(answer), ...parser.finish()];
        expect(parts).toEqual(
            toolCalls.map((call) => ({
                kind: "call",
                call: { name: call.name, arguments: call.arguments },
            })),
        );
    });
});

describe("calls without a mark", () => {
    const { numbers, triggers } = callGrammar(GENERIC, tools);
    const atStart = triggers.filter((trigger) => trigger.atStart);
    const triggered = (answer: string) => atStart.filter(({ text }) => answer.startsWith(text));

    it("are held to the arguments of the tool that they name, in a fence to its end", () => {
        const json = `"edit", "arguments": {"path": "a.ts"}}`;
        for (const [answer, rest] of [
            [`{"name": ${json}`, ', "arguments": {"path": "a.ts"}}'],
            [`\`\`\`json\n{"name": ${json}\n\`\`\``, ', "arguments": {"path": "a.ts"}}\n```'],
        ] as const) {
            const [only, ...others] = triggered(answer);
            expect(others).toEqual([]);
            const roots = [only?.root];
            expect(answer.slice(only?.text.length)).toBe(rest);
            expect(matches({ numbers, roots }, rest)).toBe(true);
            expect(matches({ numbers, roots }, rest.replace("path", "file"))).toBe(false);
        }
    });

    it.each([
        '{"name": "my-package", "version": "1.0.0"}',
        '```json\n{\n  "name": "Ada",\n  "age": 36\n}\n```',
        '```json\n{"name": "editor"}\n```',
        '{"name": "',
    ])("are none where the name is not a tool's: %j", (answer) => {
        expect(triggered(answer)).toEqual([]);
    });
});

describe("a template that names tools but shows none", () => {
    it("gets the general form", () => {
        const source = `{% if tools is defined %}{% endif %}<tool_call>${LOOP}${END}`;
        const template = new ChatTemplate(source, { bos: "", eos: "" });
        expect(toolFormOf(template, source).name).toBe("generic");
        const failing = "{{ raise_exception('no') }} tools <tool_call>";
        expect(toolFormOf(new ChatTemplate(failing, { bos: "", eos: "" }), failing).name).toBe(
            "generic",
        );
    });
});

it.each([{ type: "object" }, { type: "object", properties: {} }, {}, undefined])(
    "a tool that declares no arguments, as %j, gets none",
    (parameters) => {
        const { numbers, required } = callGrammar(GENERIC, [{ ...stop, parameters }]);
        const program = { numbers, roots: [required] };
        const call = (written: string) =>
            `${callOpening(GENERIC)}stop", "arguments": ${written}}\n</tool_call>`;
        expect(matches(program, call("{}"))).toBe(true);
        expect(matches(program, call('{"list": [1]}'))).toBe(false);
    },
);

it.each([{ additionalProperties: {} }, { required: ["list"] }])(
    "a tool whose arguments have no names of their own, as %j, gets them",
    (parameters) => {
        const { numbers, required } = callGrammar(GENERIC, [{ ...stop, parameters }]);
        const text = `${callOpening(GENERIC)}stop", "arguments": {"list": [1]}}\n</tool_call>`;
        expect(matches({ numbers, roots: [required] }, text)).toBe(true);
    },
);
