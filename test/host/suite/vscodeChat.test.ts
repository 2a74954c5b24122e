/** VS Code's language model API on a local model, nobody signed in: a tool is called, its result answered, tokens are counted. */

import { strict as assert } from "node:assert";
import {
    CancellationTokenSource,
    LanguageModelChatMessage,
    LanguageModelChatToolMode,
    LanguageModelTextPart,
    LanguageModelToolCallPart,
    LanguageModelToolResultPart,
    lm,
    type LanguageModelChat,
    type LanguageModelChatRequestOptions,
} from "vscode";
import { api, until } from "./support";

const tools = [
    {
        name: "read_file",
        description: "Reads a file.",
        inputSchema: {
            type: "object",
            properties: { line: { type: "integer", minimum: 1, maximum: 9 } },
            required: ["line"],
        },
    },
];

async function model(): Promise<LanguageModelChat> {
    await api();
    return until("the models in VS Code", async () =>
        (await lm.selectChatModels({ vendor: "ingot", id: "starter" })).at(0),
    );
}

async function send(
    messages: LanguageModelChatMessage[],
    options: LanguageModelChatRequestOptions = {},
    source = new CancellationTokenSource(),
): Promise<unknown[]> {
    const response = await (await model()).sendRequest(messages, options, source.token);
    const parts: unknown[] = [];
    for await (const part of response.stream) parts.push(part);
    return parts;
}

describe("language models for other extensions", () => {
    it("offer the starter with its real size", async () => {
        const { name, family, maxInputTokens } = await model();
        assert.ok(name.length > 0);
        assert.equal(family, "qwen2");
        assert.ok(maxInputTokens >= 1024, String(maxInputTokens));
    });

    it("call a tool as its schema says, and go on with the result", async () => {
        const question = LanguageModelChatMessage.User("Read line 3.");
        const options = {
            tools,
            toolMode: LanguageModelChatToolMode.Required,
            modelOptions: { max_tokens: 60 },
        };
        const parts = await send([question], options);
        const call = parts.find((part) => part instanceof LanguageModelToolCallPart);
        assert.ok(call, JSON.stringify(parts));
        assert.equal(call.name, "read_file");
        const { line } = call.input as { line: number };
        assert.ok(Number.isInteger(line) && line >= 1 && line <= 9, JSON.stringify(call.input));
        const answered = await send(
            [
                question,
                LanguageModelChatMessage.Assistant([call]),
                LanguageModelChatMessage.User([
                    new LanguageModelToolResultPart(call.callId, [
                        new LanguageModelTextPart("const a = 1;"),
                    ]),
                ]),
            ],
            { tools, modelOptions: { max_tokens: 8 } },
        );
        assert.ok(answered.some((part) => part instanceof LanguageModelTextPart));
    });

    it("count tokens, and stop when they are cancelled", async () => {
        const chat = await model();
        assert.equal(await chat.countTokens(""), 0);
        const [one, two] = [await chat.countTokens("a"), await chat.countTokens("a b c d e f g")];
        assert.ok(two > one && one > 0, `${one} ${two}`);
        const source = new CancellationTokenSource();
        const sent = send([LanguageModelChatMessage.User("Tell a story.")], {}, source);
        source.cancel();
        await sent.catch(() => undefined);
        assert.ok(
            (await send([LanguageModelChatMessage.User("Hi")], { modelOptions: { max_tokens: 4 } }))
                .length > 0,
        );
    });
});
