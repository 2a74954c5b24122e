/**
 * `ingot chat`: a conversation on a terminal, or one question from stdin. The answer streams to stdout; Ctrl+C stops an answer, and at
 * the prompt ends the command.
 */

import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { AppError, cancelled } from "../base/errors";
import type { EngineClient } from "../node/engineClient";
import type { ChatMessage, ChatProgress, ChatResult } from "../protocol/chat";
import { defaultModelsFolder, resolveModel } from "../library/library";
import { noPositionals, readArgs, usage, wholeNumber } from "./args";
import type { CliContext, Command } from "./context";
import { cliEngine } from "./engine";

const OPTIONS = {
    model: { type: "string" },
    system: { type: "string" },
    "max-tokens": { type: "string", default: "1024" },
    context: { type: "string", default: "4096" },
    temperature: { type: "string", default: "0.2" },
    seed: { type: "string", default: "1" },
    verbose: { type: "boolean", default: false },
} as const;

interface Conversation {
    engine: EngineClient;
    messages: ChatMessage[];
    settings: { maxTokens: number; temperature: number; seed: number };
}

export const chat: Command = {
    name: "chat",
    usage: "--model MODEL [--system TEXT] [--max-tokens N] [--context N] [--temperature T] [--seed N] [--verbose]",
    summary: "Talks on a terminal, or answers one question from stdin.",
    run,
};

async function run(context: CliContext): Promise<number> {
    const { values, positionals } = readArgs(context.args, OPTIONS);
    noPositionals(positionals);
    if (values.model === undefined) throw usage("chat needs --model");
    const spec = {
        path: await resolveModel(values.model, context.starterPath, defaultModelsFolder()),
        gpuLayers: "auto",
        contextTokens: wholeNumber(values.context, "--context", 256, 1 << 20),
    } as const;
    const engine = cliEngine(context, { chat: spec, idleUnloadMs: 0 }, values.verbose);
    const conversation: Conversation = {
        engine,
        messages: values.system ? [{ role: "system", content: values.system }] : [],
        settings: {
            maxTokens: wholeNumber(values["max-tokens"], "--max-tokens", 1, 1 << 20),
            temperature: temperature(values.temperature),
            seed: wholeNumber(values.seed, "--seed", 0, 2 ** 32 - 1),
        },
    };
    try {
        // A conversation is no one JSON document: then one question is read, also from a terminal.
        return context.stdin.isTTY && !context.json
            ? await talk(context, conversation)
            : await askOnce(context, conversation);
    } finally {
        await engine.dispose();
    }
}

async function askOnce(context: CliContext, conversation: Conversation): Promise<number> {
    const question = (await text(context.stdin)).trim();
    if (question === "") throw usage("There is no question on stdin");
    const result = await answer(context, conversation, question, context.signal);
    if (result.stop === "aborted") throw cancelled();
    if (context.json) context.out(`${JSON.stringify(result)}\n`);
    return 0;
}

/** Questions until the end of input, or Ctrl+C at the prompt. Lines that come during an answer wait for their turn. */
async function talk(context: CliContext, conversation: Conversation): Promise<number> {
    const terminal = createInterface({ input: context.stdin, output: context.stderr });
    let stopAnswer: AbortController | undefined;
    let interrupted = false;
    let isClosed = false;
    // A prompt after the end of input would open it again.
    terminal.on("close", () => (isClosed = true));
    terminal.on("SIGINT", () => {
        interrupted = stopAnswer === undefined;
        if (stopAnswer) stopAnswer.abort();
        else terminal.close();
    });
    try {
        terminal.prompt();
        for await (const question of terminal) {
            if (question.trim() !== "") {
                stopAnswer = new AbortController();
                await takeTurn(context, conversation, question, stopAnswer.signal);
                stopAnswer = undefined;
            }
            if (!isClosed) terminal.prompt();
        }
    } finally {
        terminal.close();
    }
    context.note("");
    if (interrupted) throw cancelled();
    return 0;
}

/** A question that failed is forgotten, and the conversation goes on when another one can succeed. */
async function takeTurn(
    context: CliContext,
    conversation: Conversation,
    question: string,
    signal: AbortSignal,
): Promise<void> {
    const { messages } = conversation;
    const nBefore = messages.length;
    try {
        const result = await answer(context, conversation, question, signal);
        if (result.stop === "aborted") context.note("(stopped)");
    } catch (error) {
        const canGoOn =
            error instanceof AppError && (error.retry || error.code === "engine/context-full");
        if (!canGoOn) throw error;
        messages.length = nBefore;
        context.progress.end();
        context.note(error.message);
    }
}

async function answer(
    context: CliContext,
    { engine, messages, settings }: Conversation,
    question: string,
    signal: AbortSignal,
): Promise<ChatResult> {
    messages.push({ role: "user", content: question });
    const showProgress = (value: ChatProgress) => {
        if (value.kind === "text") {
            context.progress.end();
            if (!context.json) context.out(value.text);
        } else if (value.kind === "prompt" && value.total > 256)
            context.progress.show({ label: "Reading", done: value.done, total: value.total });
    };
    const result = await engine.request(
        "chat",
        { conversation: "cli", messages, ...settings },
        { signal, onProgress: showProgress },
    );
    context.progress.end();
    if (!context.json) context.out("\n");
    messages.push({ role: "assistant", content: result.text });
    if (result.nDropped > 0)
        context.note(`(the context is full: ${result.nDropped} old messages left out)`);
    return result;
}

function temperature(value: string): number {
    const number = Number(value);
    if (!(number >= 0 && number <= 5))
        throw usage(`--temperature takes a number from 0 to 5, not ${value}`);
    return number;
}
