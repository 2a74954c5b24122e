/**
 * One edit from the question to changes under review: asks the model, writes its answer into the document as it comes, and says how it
 * ended. Knows no editor.
 */

import { onAbort } from "../../base/cancel";
import { AppError, isCancelled } from "../../base/errors";
import type { Log } from "../../base/log";
import { codeInFence } from "../../edit/answerCode";
import { wordsInstead } from "../../edit/answerWords";
import { isDiff, parseDiff } from "../../edit/diff";
import { fillElisions } from "../../edit/elided";
import { hasElisions } from "../../edit/elision";
import { fitLines } from "../../edit/fit";
import { replacesCodeByComments } from "../../edit/onlyComments";
import { withoutRepeated } from "../../edit/repeated";
import { applyBlocks } from "../../edit/searchReplace";
import { indentOf } from "../../prompt/lines";
import type { ChatProgress, ChatRequest, ChatResult } from "../../protocol/chat";
import { editPrompt, linesAbove, linesBelow } from "./prompt";
import type { ReviewSession } from "./reviewSession";

/** Where answers come from; the engine has it. */
export interface AnswerSource {
    chat(
        request: ChatRequest,
        options: { signal: AbortSignal; onProgress: (progress: ChatProgress) => void },
    ): Promise<ChatResult>;
}

export interface EditRunOptions {
    source: AnswerSource;
    session: ReviewSession;
    log: Log;
    /** The document's lines and what is edited of them. */
    lines: readonly string[];
    range: { start: number; end: number };
    path: string;
    languageId: string;
    instruction: string;
    /** One level of indentation. */
    unit: string;
    /** Tokens that the model can see at a time. */
    contextTokens: number;
    onProgress: (progress: ChatProgress) => void;
    signal: AbortSignal;
}

export type EditOutcome =
    | { kind: "changes"; nChanges: number }
    /** Cut at the limit: what came is under review, the old lines behind it stay. */
    | { kind: "cut"; nChanges: number; nTokens: number }
    /** The same lines once more. */
    | { kind: "unchanged" }
    /** Sentences instead of code. */
    | { kind: "words"; text: string }
    /** Parts were left out and it is not clear which, a diff does not fit, or only comments came; `reason` completes "The edit was not made: ...". */
    | { kind: "refused"; reason: string }
    | { kind: "empty" }
    | { kind: "stopped" };

/** The document is not changed more often, ms. */
const WRITE_MS = 80;
/** Characters of code a token stands for, at least; for what an answer may take. */
const CHARACTERS_PER_TOKEN = 2.5;
/** Tokens that an answer may have more than the lines it replaces. */
const MORE_TOKENS = 512;
/** Characters around the edited lines that the model sees; less when the context is full. */
const ABOVE_CHARACTERS = 1600;
const BELOW_CHARACTERS = 800;

interface Answer {
    result: ChatResult;
    /** What ends its code. */
    fence: string;
}

/** Rejects with AppError; the document is then as before. */
export async function runEdit(options: EditRunOptions): Promise<EditOutcome> {
    const { session, signal } = options;
    const controller = new AbortController();
    const stopListening = onAbort(signal, () => controller.abort());
    const interruption = session.onInterrupted(() => controller.abort());
    try {
        const answer = await ask(options, controller.signal);
        return await settle(options, answer, controller.signal);
    } catch (error) {
        await session.rejectAll({ mayUndo: false });
        if (isCancelled(error)) return { kind: "stopped" };
        throw error;
    } finally {
        stopListening();
        interruption.dispose();
    }
}

/** With less of the surroundings when they do not fit. */
async function ask(options: EditRunOptions, signal: AbortSignal): Promise<Answer> {
    for (const share of [1, 0.3, 0]) {
        try {
            return await askWith(options, share, signal);
        } catch (error) {
            const isTooLong = error instanceof AppError && error.code === "engine/context-full";
            if (!isTooLong) throw error;
            options.log.debug("less around the edit", { share });
        }
    }
    throw tooLong(options);
}

function tooLong({ range, contextTokens }: EditRunOptions): AppError {
    const n = range.end - range.start;
    return new AppError(
        "user/usage",
        `These ${n} lines are too long for the model's context of ${contextTokens.toLocaleString("en-US")} tokens; select fewer`,
    );
}

async function askWith(
    options: EditRunOptions,
    share: number,
    signal: AbortSignal,
): Promise<Answer> {
    const { source, session, lines, range, path, languageId, instruction, onProgress } = options;
    const before = lines.slice(range.start, range.end);
    const text = before.join("\n");
    const nTokens = Math.ceil(text.length / CHARACTERS_PER_TOKEN);
    if (nTokens > options.contextTokens) throw tooLong(options);
    const { messages, answerStart, stopTexts, fence } = editPrompt({
        path,
        languageId,
        above: linesAbove(lines, range.start, ABOVE_CHARACTERS * share),
        below: linesBelow(lines, range.end, BELOW_CHARACTERS * share),
        lines: before,
        instruction,
    });
    const writer = new Writer(session, (answer) => {
        const code = codeInFence(answer, fence);
        const isLater =
            wordsInstead(code, { before, languageId }) !== undefined ||
            isDiff(code, { lines: before, languageId });
        return isLater ? undefined : newLines(options, code);
    });
    try {
        const result = await source.chat(
            {
                conversation: "edit",
                messages,
                maxTokens: nTokens + MORE_TOKENS,
                temperature: 0,
                seed: 0,
                answerStart,
                stopTexts,
                draftFrom: `${text}\n${fence}`,
            },
            {
                signal,
                onProgress: (progress) => {
                    if (signal.aborted) return;
                    onProgress(progress);
                    if (progress.kind === "text") writer.add(progress.text);
                },
            },
        );
        return { result, fence };
    } finally {
        await writer.end();
    }
}

async function settle(
    options: EditRunOptions,
    { result: { text, stop, tokens, timings }, fence }: Answer,
    signal: AbortSignal,
): Promise<EditOutcome> {
    const { session, log } = options;
    log.info("edited", {
        stop,
        ...tokens,
        promptMs: timings.promptMs,
        generateMs: timings.generateMs,
    });
    if (stop === "aborted" || signal.aborted || session.state !== "writing") {
        await session.rejectAll({ mayUndo: false });
        return { kind: "stopped" };
    }
    const code = codeInFence(text, fence);
    if (code.trim() === "") {
        await session.rejectAll({ mayUndo: false });
        return { kind: "empty" };
    }
    const before = options.lines.slice(options.range.start, options.range.end);
    const said = wordsInstead(code, { before, languageId: options.languageId });
    if (said !== undefined) {
        await session.rejectAll({ mayUndo: false });
        return { kind: "words", text: said };
    }
    const isCut = stop === "max-tokens";
    const whole = wholeLines(options, code, isCut);
    if ("reason" in whole) {
        await session.rejectAll({ mayUndo: false });
        return { kind: "refused", reason: whole.reason };
    }
    const nChanges = await session.finish(whole.lines, !isCut);
    if (isCut) return { kind: "cut", nChanges, nTokens: tokens.generated };
    return nChanges > 0 ? { kind: "changes", nChanges } : { kind: "unchanged" };
}

/** The lines that a finished answer stands for in the document, or why it cannot be used. */
function wholeLines(
    options: EditRunOptions,
    code: string,
    isCut: boolean,
): { lines: string[] } | { reason: string } {
    const { lines, range, languageId } = options;
    const before = lines.slice(range.start, range.end);
    if (isDiff(code, { lines: before, languageId })) {
        if (isCut) return { reason: "the answer is a diff that was cut" };
        const parsed = parseDiff(code, before);
        return "reason" in parsed ? parsed : applyBlocks(before, parsed.blocks, "hunk");
    }
    const now = newLines(options, isCut ? code.slice(0, code.lastIndexOf("\n") + 1) : code);
    if (isCut) return { lines: now };
    if (replacesCodeByComments(before, now, languageId))
        return { reason: "the answer has no code, only comments" };
    return hasElisions(now) && !hasElisions(before) ? fillElisions(before, now) : { lines: now };
}

/** The lines that an answer so far stands for in the document. */
function newLines({ lines, range, unit }: EditRunOptions, code: string): string[] {
    const before = lines.slice(range.start, range.end);
    const above = lines.slice(0, range.start);
    const indent = indentOf(above.findLast((line) => line.trim() !== "") ?? "");
    const fitted = fitLines(code, { before, indent, unit });
    return withoutRepeated(fitted, { above, below: lines.slice(range.end), before });
}

/** Writes whole lines into the document, now and then. */
class Writer {
    private answer = "";
    private timer: ReturnType<typeof setTimeout> | undefined;
    private writing: Promise<void> = Promise.resolve();
    private hasEnded = false;

    constructor(
        private readonly session: ReviewSession,
        /** Undefined: nothing to show yet. */
        private readonly toLines: (answer: string) => string[] | undefined,
    ) {}

    add(text: string): void {
        this.answer += text;
        this.schedule();
    }

    /** Resolves when nothing more is written. */
    async end(): Promise<void> {
        this.hasEnded = true;
        clearTimeout(this.timer);
        await this.writing;
    }

    private schedule(): void {
        if (this.hasEnded) return;
        this.timer ??= setTimeout(() => {
            this.writing = this.write().finally(() => {
                this.timer = undefined;
            });
        }, WRITE_MS);
    }

    private async write(): Promise<void> {
        const end = this.answer.lastIndexOf("\n") + 1;
        const lines = end > 0 ? this.toLines(this.answer.slice(0, end)) : undefined;
        if (lines) await this.session.write(lines);
    }
}
