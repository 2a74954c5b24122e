/**
 * `ingot complete`: one completion at a place in a file, or the adapter that benchmarks talk to (`--stdio`). The same typing session
 * and engine as in the editor.
 */

import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { AppError, cancelled } from "../base/errors";
import { silentLog } from "../base/log";
import { realClock } from "../completion/clock";
import { CompletionSession } from "../completion/session";
import type { CompletionDocument } from "../completion/request";
import type { CompletionOutcome } from "../protocol/completion";
import { languageOf } from "../syntax/languages";
import { defaultModelsFolder, resolveModel } from "../library/library";
import { noPositionals, readArgs, usage, wholeNumber } from "./args";
import type { CliContext, Command } from "./context";
import { cliEngine } from "./engine";
import { cliSyntax } from "./syntax";
import { FolderSource } from "./folderSource";
import { runStdio } from "./stdio/adapter";

const OPTIONS = {
    model: { type: "string" },
    file: { type: "string" },
    at: { type: "string" },
    language: { type: "string" },
    "max-lines": { type: "string", default: "10" },
    "max-tokens": { type: "string", default: "128" },
    stdio: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
} as const;

export const complete: Command = {
    name: "complete",
    usage: "--model MODEL --file FILE --at LINE:COLUMN [--language ID] [--max-lines N] [--max-tokens N] [--verbose], or [--model MODEL] --stdio",
    summary:
        "Completes code at a place in a file (line and column from 1); --stdio speaks the bench protocol.",
    run,
};

/** Exit code 1 when the model could not be used; "no suggestion" is an answer. */
async function run(context: CliContext): Promise<number> {
    const { values, positionals } = readArgs(context.args, OPTIONS);
    noPositionals(positionals);
    if (values.stdio) return runStdio(context, values);
    const { model, file, at } = values;
    if (model === undefined || file === undefined || at === undefined)
        throw usage("complete needs --model, --file and --at (or --stdio)");
    const maxLines = wholeNumber(values["max-lines"], "--max-lines", 1, 1000);
    const maxTokens = wholeNumber(values["max-tokens"], "--max-tokens", 1, 4096);
    const spec = {
        path: await resolveModel(model, context.starterPath, defaultModelsFolder()),
        gpuLayers: "auto",
        contextTokens: 4096,
    } as const;
    const document = readDocument(file, at, values.language);
    const syntax = cliSyntax(context);
    await syntax.prepare(document.languageId);
    const engine = cliEngine(context, { completion: spec, idleUnloadMs: 0 }, values.verbose);
    try {
        const session = new CompletionSession({
            engine,
            clock: realClock,
            log: silentLog,
            syntax,
            context: new FolderSource({
                syntax,
                folderOf: () => dirname(resolve(file)),
                visited: () => [],
            }),
            settings: () => ({
                enabled: true,
                snoozed: false,
                languages: {},
                maxLines,
                maxTokens,
                debounceMs: 0,
            }),
        });
        const { signal } = context;
        const outcome = await session.request(document, { trigger: "explicit", signal });
        return report(context, outcome);
    } finally {
        await engine.dispose();
    }
}

function report(context: CliContext, outcome: CompletionOutcome): number {
    if (context.signal.aborted) throw cancelled();
    const failures = ["model-failed", "engine-gone", "no-model", "model-cannot-fill"];
    const failed = outcome.kind === "none" && failures.includes(outcome.reason);
    if (context.json) context.out(`${JSON.stringify(outcome)}\n`);
    else if (outcome.kind === "suggestion") context.out(`${outcome.text}\n`);
    else {
        const why = outcome.detail ?? outcome.reason;
        context.note(failed ? why : `No suggestion: ${why}`);
    }
    return failed ? 1 : 0;
}

function readDocument(file: string, at: string, language: string | undefined): CompletionDocument {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch (cause) {
        const { code = "unknown" } = cause as NodeJS.ErrnoException;
        throw new AppError(
            "env/permission",
            `The file ${file} cannot be read (${code}); check the path and its permissions`,
            { cause },
        );
    }
    const offset = offsetAt(text, at);
    return {
        uri: pathToFileURL(resolve(file)).href,
        path: basename(file),
        languageId: language ?? languageOf(file),
        version: 1,
        prefix: text.slice(0, offset),
        suffix: text.slice(offset),
    };
}

/** Offset of `LINE:COLUMN`, both from 1. Throws AppError `user/usage` outside the text. */
export function offsetAt(text: string, at: string): number {
    const match = /^(\d+):(\d+)$/.exec(at);
    const lines = text.split("\n");
    const line = Number(match?.[1]);
    const column = Number(match?.[2]);
    const found = lines[line - 1];
    if (found === undefined || column < 1 || column > found.replace(/\r$/, "").length + 1)
        throw usage(
            `--at ${at} is not a place in the file; it takes LINE:COLUMN, both counted from 1`,
        );
    const offset = lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, 0) + column - 1;
    // Between the two halves of a character beyond U+FFFF is no place: as the editor does, before it.
    const isInside = /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(Math.max(0, offset - 1)));
    return offset > 0 && isInside ? offset - 1 : offset;
}
