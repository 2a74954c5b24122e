/**
 * What every tool shares: its input is checked against its schema, its answer kept within the caller's tokens, and a failure becomes a
 * sentence that the model can act on, because an error without words ends an agent's turn.
 */

import {
    LanguageModelTextPart,
    LanguageModelToolResult,
    type CancellationToken,
    type LanguageModelTool,
    type LanguageModelToolInvocationOptions,
    type LanguageModelToolInvocationPrepareOptions,
    type PreparedToolInvocation,
} from "vscode";
import { AppError, isCancelled } from "../../base/errors";
import type { Log } from "../../base/log";
import { budgetOf, fittingLines } from "./bounds";
import type { InputSchema } from "./schemas";
import type { Said } from "./texts";
import { validate, type InputOf } from "./validate";

export interface ToolOptions<S extends InputSchema> {
    name: string;
    schema: S;
    log: Log;
    run: (input: InputOf<S>, token: CancellationToken) => Promise<Said>;
    prepare: (input: InputOf<S>) => PreparedToolInvocation | Promise<PreparedToolInvocation>;
}

export class Tool<S extends InputSchema> implements LanguageModelTool<object> {
    constructor(private readonly options: ToolOptions<S>) {}

    async invoke(
        { input, tokenizationOptions }: LanguageModelToolInvocationOptions<object>,
        token: CancellationToken,
    ): Promise<LanguageModelToolResult> {
        const { name, schema, run, log } = this.options;
        try {
            const said = await run(validate(name, schema, input), token);
            const budget = budgetOf(tokenizationOptions);
            const lines = await fittingLines(said.head, said.lines, budget);
            const rest = said.lines.length - lines.length;
            const more =
                rest > 0 ? (said.more?.(lines.length) ?? `... ${rest} more did not fit.`) : "";
            log.info("tool", { name, lines: lines.length, leftOut: rest });
            return textResult([said.head, ...lines, more].filter((line) => line !== "").join("\n"));
        } catch (error) {
            if (isCancelled(error) || !(error instanceof AppError)) throw error;
            log.info("tool refused", { name, code: error.code });
            return textResult(`${error.message}.`);
        }
    }

    async prepareInvocation({
        input,
    }: LanguageModelToolInvocationPrepareOptions<object>): Promise<PreparedToolInvocation> {
        const { name, schema, prepare } = this.options;
        try {
            return await prepare(validate(name, schema, input));
        } catch (error) {
            // The call itself says what is wrong, to the model; nothing runs.
            if (error instanceof AppError) return { invocationMessage: `Calling ${name}` };
            throw error;
        }
    }
}

function textResult(text: string): LanguageModelToolResult {
    return new LanguageModelToolResult([new LanguageModelTextPart(text)]);
}
