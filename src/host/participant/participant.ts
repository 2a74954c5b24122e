/**
 * `@ingot` in VS Code's own chat: one question, one call of the engine, no agent around it, so that a small model on a processor
 * answers soon. Needs no account and no other language model. Shows what it reads while it reads it.
 */

import type {
    CancellationToken,
    ChatContext,
    ChatFollowup,
    ChatRequest,
    ChatResponseStream,
    ChatResult,
} from "vscode";
import { isCancelled, toWire, type ErrorCode } from "../../base/errors";
import { DisposableStore, toDisposable } from "../../base/lifecycle";
import type { Log } from "../../base/log";
import { commitMessageIn, commitWords } from "../../prompt/commit/message";
import { answeredCode } from "../../prompt/slash/answer";
import { isSlashName, SLASH } from "../../prompt/slash/table";
import type { ChatProgress } from "../../protocol/chat";
import { contextCharacters } from "../chat/context";
import { describeProgress, noteFor, SYSTEM_PROMPT } from "../chat/prompt";
import type { GitRepository } from "../commit/git";
import type { Changes } from "../commit/changes";
import type { Codebase } from "../codebase/codebase";
import type { SourceFiles } from "../context/sourceFiles";
import { APPLY_ANSWER_COMMAND, PARTICIPANT, USE_MESSAGE_COMMAND } from "../manifest";
import { APPLY_LABEL } from "../slash/target";
import { ask, type Asker } from "../slash/ask";
import type { AskedQuestion } from "../slash/question";
import { forgottenAfter, pastOf, type TurnMemory } from "./history";
import { withCodebase } from "./codebase";

export interface ParticipantOptions {
    asker: Asker;
    files: Pick<SourceFiles, "read">;
    codebase: Pick<Codebase, "search">;
    log: Log;
    /** The repository's changes, for `/commit`. */
    changes: (signal: AbortSignal) => Promise<{ repository: GitRepository; changes: Changes }>;
    /** The button that mends an error, if one does. */
    mend: (code: ErrorCode) => { label: string; command: string } | undefined;
}

const TEMPERATURE = 0.2;
/** Reading less is over before a line about it was read. */
const MIN_TOLD_TOKENS = 500;
const MAX_DIGEST_CHARACTERS = 6000;

export interface Asked {
    request: Pick<ChatRequest, "command" | "prompt" | "references"> &
        Partial<Pick<ChatRequest, "toolReferences">>;
    context: Pick<ChatContext, "history">;
    stream: Pick<ChatResponseStream, "markdown" | "progress" | "button" | "reference">;
    token: CancellationToken;
}

/** Answers one message. Never rejects: a failure is part of the result. */
export async function answer(asked: Asked, options: ParticipantOptions): Promise<ChatResult> {
    const store = new DisposableStore();
    const controller = new AbortController();
    store.add(asked.token.onCancellationRequested(() => controller.abort()));
    if (asked.token.isCancellationRequested) controller.abort();
    store.add(toDisposable(() => controller.abort()));
    try {
        return await run(asked, options, controller.signal);
    } catch (error) {
        if (isCancelled(error)) return {};
        const { code, message, detail } = toWire(error);
        options.log.error("no answer", { code, message, detail });
        const mend = options.mend(code);
        if (mend) asked.stream.button({ title: mend.label, command: mend.command });
        return { errorDetails: { message: `${message}.` } };
    } finally {
        store.dispose();
    }
}

async function run(
    { request, context, stream }: Asked,
    options: ParticipantOptions,
    signal: AbortSignal,
): Promise<ChatResult> {
    const { asker, log } = options;
    const isCommit = request.command === "commit";
    const commit = isCommit ? await options.changes(signal) : undefined;
    const question = commit
        ? commitQuestion(commit.changes, request.prompt)
        : await withCodebase(request, options, {
              signal,
              room: contextCharacters(asker.model().contextTokens),
              tell: (text) => stream.progress(text),
          });
    for (const one of question.used) stream.reference(one);
    for (const note of question.notes) stream.markdown(`*${note}*\n\n`);
    const past = pastOf(context.history, PARTICIPANT.id);
    const { name } = asker.model();
    let content = "";
    let text = "";
    const tell = progressTeller(stream, name);
    const result = await ask(
        asker,
        {
            conversation: "participant",
            maxTokens: question.maxTokens,
            temperature: TEMPERATURE,
            seed: past.messages.length,
            messages: (room) => {
                content = [...question.blocks(room).map((block) => block.text), question.text].join(
                    "\n\n",
                );
                return [
                    { role: "system", content: SYSTEM_PROMPT },
                    ...past.messages,
                    { role: "user", content },
                ];
            },
        },
        {
            signal,
            onText: (piece) => {
                text += piece;
                stream.markdown(piece);
            },
            onProgress: tell,
        },
    );
    log.info("answered", {
        command: request.command,
        stop: result.stop,
        ...result.tokens,
        ms: result.timings.totalMs,
        nDropped: result.nDropped,
    });
    if (text.trim() === "" && result.stop !== "aborted")
        stream.markdown("The model gave no answer; ask in other words or choose another model.");
    const note = result.stop === "aborted" ? undefined : noteFor(result);
    if (note !== undefined) stream.markdown(`\n\n*${note}*`);
    addButtons(stream, { question, text, repository: commit?.repository });
    return { metadata: memory(question, content, forgottenAfter(past, result.nDropped)) };
}

function commitQuestion(changes: Changes, added: string): AskedQuestion {
    const text = (room: number) => changes.digest(Math.min(room, MAX_DIGEST_CHARACTERS)).text;
    return {
        text: commitWords(changes.style, added),
        blocks: (room) => [{ label: "changes", text: text(room) }],
        maxTokens: SLASH.commit.maxTokens,
        command: "commit",
        target: undefined,
        used: [],
        notes: [],
    };
}

/** A line each when loading and when reading begins: lines of progress stay, so there must be few. */
function progressTeller(
    stream: Pick<ChatResponseStream, "progress">,
    modelName: string,
): (progress: ChatProgress) => void {
    const told = new Set<string>();
    return (progress) => {
        if (progress.kind === "text" || told.has(progress.kind)) return;
        if (progress.kind === "prompt" && progress.total - progress.done < MIN_TOLD_TOKENS) return;
        told.add(progress.kind);
        const words = describeProgress(progress, modelName);
        if (words !== undefined) stream.progress(words.replace(/, \d+ %$/, ""));
    };
}

function addButtons(
    stream: Pick<ChatResponseStream, "button">,
    given: { question: AskedQuestion; text: string; repository: GitRepository | undefined },
): void {
    const { question, text, repository } = given;
    if (repository) {
        const message = commitMessageIn(text, { hasBody: true, isDone: true });
        if (message !== "")
            stream.button({
                title: "Use as Commit Message",
                command: USE_MESSAGE_COMMAND,
                arguments: [repository.rootUri.toString(), message],
            });
        return;
    }
    const block = answeredCode(text);
    if (question.target && block?.isClosed)
        stream.button({
            title: APPLY_LABEL[question.target.place],
            command: APPLY_ANSWER_COMMAND,
            arguments: [question.target, block.code, block.language],
        });
}

function memory(question: AskedQuestion, content: string, nForgotten: number): TurnMemory {
    return { content, nForgotten, command: question.command };
}

/** What one may want next. Pure. */
export function followUps(command: unknown): ChatFollowup[] {
    if (typeof command !== "string" || !isSlashName(command)) return [];
    return SLASH[command].next.map((name) => ({
        prompt: "",
        label: SLASH[name].description,
        command: name,
    }));
}
