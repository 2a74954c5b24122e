// Answers taken apart: every family's calls, wherever the stream is cut; what never closes, what is none; reasoning.
import { describe, expect, it } from "vitest";
import {
    splitReasoning,
    thoughtBegunIn,
    THOUGHTS,
    type Thought,
} from "../../../src/base/reasoning";
import { CallParser, type AnswerPart } from "../../../src/tools/callParser";
import { formOf, GENERIC, type CallForm } from "../../../src/tools/forms";

const HERMES = formOf("{{ tools }} <tool_call>");
const LLAMA = formOf('tools <|start_header_id|> {"parameters": }');
const MISTRAL = formOf("tools [TOOL_CALLS]");
const MISTRAL_ARGS = formOf("tools [TOOL_CALLS] [ARGS]");
const NAMES = new Set(["read", "run"]);

interface Parsed {
    parts: AnswerPart[];
    isBroken: boolean;
}

function parse(form: CallForm, pieces: readonly string[], begun?: Thought): Parsed {
    const parser = new CallParser(form, NAMES, begun);
    const parts = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.finish()];
    const merged: AnswerPart[] = [];
    for (const part of parts) {
        const last = merged.at(-1);
        if (part.kind !== "call" && last?.kind === part.kind) last.text += part.text;
        else merged.push({ ...part });
    }
    return { parts: merged, isBroken: parser.isBroken };
}

/** The same parts wherever the answer is cut in two, and letter by letter. */
function expectParts(form: CallForm, answer: string, parts: AnswerPart[], begun?: Thought): void {
    expect(parse(form, [answer], begun).parts).toEqual(parts);
    for (let at = 1; at < answer.length; at++)
        expect([at, parse(form, [answer.slice(0, at), answer.slice(at)], begun).parts]).toEqual([
            at,
            parts,
        ]);
    expect(parse(form, [...answer], begun).parts).toEqual(parts);
}

const text = (value: string): AnswerPart => ({ kind: "text", text: value });
const reasoning = (value: string): AnswerPart => ({ kind: "reasoning", text: value });
const call = (name: string, args: Record<string, unknown> = {}): AnswerPart => ({
    kind: "call",
    call: { name, arguments: args },
});
const READ = '{"name": "read", "arguments": {"path": "a/b.ts"}}';
const read = call("read", { path: "a/b.ts" });

describe("calls in tags", () => {
    it.each([HERMES, GENERIC])("stand behind text, alone or several", (form) => {
        expectParts(form, `<tool_call>\n${READ}\n</tool_call>`, [read]);
        expectParts(form, `I look.\n\n<tool_call>\n${READ}\n</tool_call>\n`, [
            text("I look."),
            read,
        ]);
        expectParts(
            form,
            `<tool_call>\n${READ}\n</tool_call>\n<tool_call>\n{"name": "run", "arguments": {}}\n</tool_call>`,
            [read, call("run")],
        );
    });

    it("are whole without their end, which may also stand inside of a string", () => {
        expectParts(HERMES, `<tool_call>${READ}`, [read]);
        const tricky = { text: 'a "</tool_call>" {[\\ b' };
        const json = JSON.stringify({ name: "run", arguments: tricky });
        expectParts(HERMES, `<tool_call>\n${json}\n</tool_call>`, [call("run", tricky)]);
    });

    it("that never close or are none are text", () => {
        const open = '<tool_call>\n{"name": "read", "arguments": {"path": "a';
        expectParts(HERMES, `Now:\n${open}`, [text(`Now:\n${open}`)]);
        expect(parse(HERMES, [open]).isBroken).toBe(true);
        expect(parse(HERMES, [`<tool_call>\n${READ}`]).isBroken).toBe(false);
        expectParts(HERMES, "Use <tool_call> tags.", [text("Use <tool_call> tags.")]);
        const other = '<tool_call>\n{"no": "name"}\n</tool_call>';
        expectParts(HERMES, other, [text(other)]);
    });

    it("may have their arguments as a string of JSON", () => {
        expectParts(HERMES, '<tool_call>{"name": "run", "arguments": "{\\"a\\": 1}"}</tool_call>', [
            call("run", { a: 1 }),
        ]);
    });
});

describe("calls of other families", () => {
    it("Llama: an object alone, or behind its tag", () => {
        const json = '{"name": "read", "parameters": {"path": "x"}}';
        expectParts(LLAMA, json, [call("read", { path: "x" })]);
        expectParts(LLAMA, `<|python_tag|>${json}`, [call("read", { path: "x" })]);
        expectParts(LLAMA, `{"type": "function", ${json.slice(1)}`, [call("read", { path: "x" })]);
    });

    it("Mistral: a list, or a name with its arguments", () => {
        const list = `[TOOL_CALLS] [${READ}, {"name": "run", "arguments": {}}]`;
        expectParts(MISTRAL, list, [read, call("run")]);
        expectParts(
            MISTRAL_ARGS,
            'Wait. [TOOL_CALLS]read[ARGS]{"path": "a/b.ts"}[TOOL_CALLS]run[ARGS]{}',
            [text("Wait."), read, call("run")],
        );
    });
});

describe("calls without a mark", () => {
    it("of a known tool begin an answer, in a fence or not", () => {
        expectParts(HERMES, READ, [read]);
        expectParts(HERMES, `\`\`\`json\n${READ}\n\`\`\``, [read]);
        expectParts(HERMES, `<tools>\n${READ}\n</tools>`, [read]);
        expectParts(HERMES, `\n\`\`\`xml\n<tool_call>\n${READ}\n</tool_call>\n\`\`\`\n`, [read]);
        expectParts(HERMES, '{\n  "name": "run",\n  "arguments": {}\n}', [call("run")]);
    });

    it("are text when they are something else", () => {
        for (const answer of [
            '{"name": "Bob", "age": 4} is an object.',
            '{"names": 1}',
            "```json\n[1]\n```",
            "```ts\nlet a;\n```",
            `See: ${READ}`,
            "{",
            "```",
        ])
            expectParts(HERMES, answer, [text(answer)]);
    });
});

describe("an answer that is JSON with a name", () => {
    it("streams from where the name is none of a tool", () => {
        const parser = new CallParser(HERMES, NAMES);
        expect(parser.push('```json\n{\n  "name": "rea')).toEqual([]);
        const start = '```json\n{\n  "name": "reader",';
        expect(parser.push('der",\n')).toEqual([]);
        // What follows the name tells that it is no call.
        expect(parser.push('  "version": "1.0.0"\n}\n```')).toEqual([
            text(`${start}\n  "version": "1.0.0"\n}\n\`\`\``),
        ]);
        expect(parser.finish()).toEqual([]);
        expect(parser.isBroken).toBe(false);
    });
});

describe("reasoning", () => {
    it("is kept apart, also where the template has begun it", () => {
        expectParts(HERMES, `<think>\nHm, <tool_call> or not.\n</think>\n\nYes.`, [
            reasoning("\nHm, <tool_call> or not.\n"),
            text("Yes."),
        ]);
        expectParts(
            HERMES,
            `Hm.</think>\n\n<tool_call>\n${READ}\n</tool_call>`,
            [reasoning("Hm."), read],
            THOUGHTS[0],
        );
        expectParts(HERMES, `<think></think>${READ}`, [read]);
        expectParts(HERMES, "<think>never ends", [reasoning("never ends")]);
        expectParts(HERMES, "a <think> b", [text("a <think> b")]);
    });

    it.each(THOUGHTS.map((thought) => [thought.open, thought] as const))(
        "between %s and its end is the same as in the chat",
        (open, begun) => {
            const rest = `Hm, <think> or </think${begun.close}\nYes.`;
            const parts = [reasoning(`Hm, <think> or </think`), text("Yes.")];
            expectParts(HERMES, open + rest, parts);
            expectParts(HERMES, rest, parts, begun);
            expect(splitReasoning(open + rest)).toMatchObject({
                reasoning: "Hm, <think> or </think",
                answer: "Yes.",
            });
            expect(thoughtBegunIn(`<|assistant|>\n${open}\n`)).toBe(begun);
        },
    );

    it("does not end where a tag of another kind does", () => {
        const thinking = THOUGHTS.find(({ open }) => open === "<thinking>");
        expectParts(
            HERMES,
            "a</think>b</thinking>c",
            [reasoning("a</think>b"), text("c")],
            thinking,
        );
    });

    it("and text stream as they come, but for what may begin a mark", () => {
        const parser = new CallParser(HERMES, NAMES);
        expect(parser.push("Hello")).toEqual([text("Hello")]);
        expect(parser.push(" you <tool")).toEqual([text(" you")]);
        expect(parser.push("box>")).toEqual([text(" <toolbox>")]);
        expect(parser.finish()).toEqual([]);
    });

    it("is told from text where there are no tools", () => {
        const parser = new CallParser({ ...GENERIC, marks: [] }, new Set());
        const parts = [...parser.push(`<think>a</think>${READ} <tool_call>`), ...parser.finish()];
        expect(parts).toEqual([reasoning("a"), text(`${READ} <tool_call>`)]);
    });

    it.each([
        ['{"name": "src/app.ts", "arguments": {"path": "src/app.ts"}}'],
        ['```json\n{\n  "name": "erase_file",\n  "parameters": {'],
    ])("that calls a tool which there is not is held back and known as such: %j", (answer) => {
        for (const pieces of [[...answer], [answer]]) {
            const parser = new CallParser(HERMES, NAMES);
            expect(pieces.flatMap((piece) => parser.push(piece))).toEqual([]);
            expect(parser.isMisnamed).toBe(true);
            expect(parser.finish()).toEqual([text(answer)]);
        }
    });

    it.each([
        ['{"name": "ingot", "version": "1.0.0"}'],
        ['{"name": "ingot", "args": []}'],
        ['{"name": "ingot"}'],
        ['{"title": "x", "arguments": {}}'],
    ])("that is some other JSON is text: %j", (answer) => {
        for (const pieces of [[...answer], [answer]]) {
            const parser = new CallParser(HERMES, NAMES);
            const parts = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.finish()];
            expect(parser.isMisnamed).toBe(false);
            expect(parts.map((part) => (part.kind === "text" ? part.text : "?")).join("")).toBe(
                answer,
            );
        }
    });
});

describe("a call that has begun", () => {
    it.each([
        ["<tool_call>", ""],
        ['```json\n{"name": "read"', ', "arguments": {"path": "a.ts"}}\n```'],
        ['{"name": "nothing", "arguments":', " {}}"],
    ])("is known before anything is given out: %j", (start, rest) => {
        const parser = new CallParser(HERMES, NAMES);
        for (const piece of start.slice(0, -1)) {
            expect(parser.push(piece)).toEqual([]);
            expect(parser.isBegunCall).toBe(false);
        }
        expect(parser.push(start.slice(-1))).toEqual([]);
        expect(parser.isBegunCall).toBe(true);
        parser.push(rest);
    });

    it.each(["Let me see.\n<tool_call>", "<think>Hm.</think><tool_call>", '{"name": "x", "a": 1}'])(
        "is none behind other text, or where it is no call: %j",
        (answer) => {
            const parser = new CallParser(HERMES, NAMES);
            for (const piece of answer) parser.push(piece);
            expect(parser.isBegunCall).toBe(false);
        },
    );
});

it("tells the tool of a call before the call is whole", () => {
    const told = (form: CallForm, text: string) => {
        const parser = new CallParser(form, NAMES);
        parser.push(text);
        return parser.toolName;
    };
    expect(told(HERMES, '<tool_call>\n{"name": "re')).toBeUndefined();
    expect(told(HERMES, '<tool_call>\n{"name": "read", "arguments": {"a": "')).toBe("read");
    expect(told(GENERIC, '{"name": "run", ')).toBe("run");
    expect(told(HERMES, 'The name is {"name": "read"')).toBeUndefined();
    expect(told(HERMES, '<tool_call>\n{"name": "read", "arguments": {}}\n</tool_call>')).toBe(
        undefined,
    );
});
