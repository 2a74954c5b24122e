// Chat templates by name: the prompts that llama.cpp's `llm_chat_apply_template` writes, byte for byte.
import { describe, expect, it } from "vitest";
import { ChatTemplate } from "../../../src/prompt/chatTemplate";
import { resolveTemplate } from "../../../src/prompt/namedTemplates";
import type { ChatMessage } from "../../../src/protocol/chat";

const messages: ChatMessage[] = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Hi" },
    { role: "assistant", content: " Yes? " },
    { role: "user", content: "Bye" },
];

describe("a template by name", () => {
    it.each([
        ["mistral-v1", " [INST] Be brief.\n\nHi [/INST]  Yes? </s> [INST] Bye [/INST]"],
        ["mistral-v3", "[INST] Be brief.\n\nHi[/INST] Yes?</s>[INST] Bye[/INST]"],
        ["mistral-v3-tekken", "[INST]Be brief.\n\nHi[/INST] Yes? </s>[INST]Bye[/INST]"],
        [
            "mistral-v7",
            "[SYSTEM_PROMPT] Be brief.[/SYSTEM_PROMPT][INST] Hi[/INST]  Yes? </s>[INST] Bye[/INST]",
        ],
        [
            "mistral-v7-tekken",
            "[SYSTEM_PROMPT]Be brief.[/SYSTEM_PROMPT][INST]Hi[/INST] Yes? </s>[INST]Bye[/INST]",
        ],
    ])("%s gives llama.cpp's prompt", (name, expected) => {
        const template = new ChatTemplate(name, { bos: "<s>", eos: "</s>" });
        expect(template.render(messages)).toBe(expected);
    });

    it("that nobody knows is refused, not taken for the prompt", () => {
        expect(() => resolveTemplate("mistral-v99")).toThrow(
            /names its chat template, mistral-v99, .* choose another model/,
        );
    });

    it("is not seen in a template that has no expressions but is text", () => {
        expect(resolveTemplate("Answer the question:")).toBe("Answer the question:");
        expect(resolveTemplate("{{ messages }}")).toBe("{{ messages }}");
    });
});
