// Chat prompts by a model's own template: rendering, errors with their line, turns that do not fit.
import { describe, expect, it } from "vitest";
import { ChatTemplate, fitChat } from "../../../src/prompt/chatTemplate";
import type { ChatMessage } from "../../../src/protocol/chat";

const CHATML = `{%- for message in messages %}
{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- endif %}`;
const tokens = { bos: "<s>", eos: "</s>" };
const system: ChatMessage = { role: "system", content: "Be brief." };
const user = (content: string): ChatMessage => ({ role: "user", content });
const assistant = (content: string): ChatMessage => ({ role: "assistant", content });
function failure(source: string, messages: ChatMessage[] = [user("Hi")]): Error & { code: string } {
    try {
        new ChatTemplate(source, tokens).render(messages);
    } catch (error) {
        return error as Error & { code: string };
    }
    throw new Error("no error");
}

describe("ChatTemplate", () => {
    it("renders up to the assistant's turn", () => {
        expect(new ChatTemplate(CHATML, tokens).render([system, user("Hi")])).toBe(
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
        );
    });

    it("knows the model's sequence tokens", () => {
        const template = new ChatTemplate("{{ bos_token }}|{{ eos_token }}", tokens);
        expect(template.render([user("Hi")])).toBe("<s>|</s>");
    });

    it("gives the system message to a template that refuses one, with the question", () => {
        const gemma = `{%- if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif -%}
{%- for m in messages %}[{{ m['content'] }}]{% endfor %}`;
        expect(new ChatTemplate(gemma, tokens).render([system, user("Hi")])).toBe(
            "[Be brief.\n\nHi]",
        );
    });

    it.each([
        ["an unknown end", CHATML.replace("endfor", "endfox"), 3],
        ["a missing end", CHATML.replace("{%- endif %}", ""), 5],
        ["a broken expression", CHATML.replace("message['role']", "message["), 2],
    ])("names the line of %s", (_, source, line) => {
        const error = failure(source);
        expect(error.code).toBe("data/template");
        expect(error.message).toContain(`(line ${line})`);
        expect(error.message).toMatch(/^The chat template of this model does not work.*chat$/);
    });

    it("names the line of an error while rendering", () => {
        const source = `{{ bos_token }}\n\n{{ raise_exception('Only user messages') }}\n`;
        expect(failure(source).message).toContain("(line 3): Only user messages");
        expect(failure("a\n{{ messages.nothing() }}").message).toContain("(line 2)");
    });

    it("refuses a template of absurd size", () => {
        expect(failure("x".repeat(200_001)).code).toBe("data/template");
    });
});

describe("fitChat", () => {
    const template = new ChatTemplate(CHATML, tokens);
    const count = (text: string) => text.length;
    const turns = ["first", "second", "third", "fourth", "fifth", "sixth"].flatMap((word) => [
        user(`${word} question`),
        assistant(`${word} answer`),
    ]);
    const messages = [system, ...turns, user("newest")];

    it("keeps everything that fits", () => {
        expect(fitChat(template, messages, 10_000, count).nDropped).toBe(0);
    });

    it("drops the oldest turns whole, and keeps the system message and the question", () => {
        const all = fitChat(template, messages, 10_000, count).nTokens;
        const fitted = fitChat(template, messages, all - 1, count);
        // Half of the room, in whole turns.
        expect(fitted.nDropped).toBe(8);
        expect(fitted.text).not.toMatch(/first|second|third|fourth/);
        expect(fitted.text).toMatch(
            /Be brief[^]*fifth q[^]*fifth a[^]*sixth q[^]*sixth a[^]*newest/,
        );
        const least = fitChat(template, [system, user("newest")], 10_000, count).nTokens;
        expect(fitChat(template, messages, least, count).nDropped).toBe(12);
    });

    it("begins at the same turn for a while, so that the prompt only grows", () => {
        const all: ChatMessage[] = [];
        const starts = new Set<string>();
        for (let i = 10; i < 50; i++) {
            all.push(user(`question ${i}`));
            const { text, nTokens } = fitChat(template, all, 1000, count);
            expect(nTokens).toBeLessThanOrEqual(1000);
            starts.add(text.slice(0, 60));
            all.push(assistant(`answer ${i}`));
        }
        // 31 of the 40 turns do not fit any more; each is about 90 long, so half of the room is five or six of them.
        expect(starts.size).toBeGreaterThan(4);
        expect(starts.size).toBeLessThan(9);
    });

    it("cuts the longest result of a tool in its middle when the question does not fit with it", () => {
        const result = (content: string): ChatMessage => ({ role: "tool", content });
        const long = `first line\n${"x".repeat(9000)}\nlast line`;
        const asked = [system, user("read it"), assistant(""), result(long), result("short")];
        const { text, nTokens } = fitChat(template, asked, 3000, count);
        expect(nTokens).toBeLessThanOrEqual(3000);
        expect(nTokens).toBeGreaterThan(1500);
        expect(text).toMatch(/Be brief[^]*read it[^]*first line[^]*last line[^]*short/);
        const [, nLeftOut] = /\[(\d+) characters left out/.exec(text) ?? [];
        const nKept = "first line\n\nlast line".length + (text.match(/xx+/g) ?? []).join("").length;
        expect(Number(nLeftOut)).toBe(long.length - nKept);
        expect(() => fitChat(template, asked, 300, count)).toThrow(/room for 300; shorten it/);
    });

    it("says when the question alone does not fit", () => {
        expect(() => fitChat(template, messages, 20, count)).toThrow(/room for 20; shorten it/);
    });
});
