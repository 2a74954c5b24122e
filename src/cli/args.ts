/** Argument parsing: Node's parseArgs with our error. Wrong usage is AppError `user/usage` (exit code 2), here a UsageError. */

import { parseArgs, type ParseArgsConfig } from "node:util";
import { AppError } from "../base/errors";

export type Options = NonNullable<ParseArgsConfig["options"]>;

/** Parses options and positionals; unknown options are refused with Node's own words, missing values and two for one by ours. */
export function readArgs<T extends Options>(args: readonly string[], options: T) {
    const parsed = parse(args, options);
    refuseTwice(parsed.tokens, options);
    return parsed;
}

function parse<T extends Options>(args: readonly string[], options: T) {
    try {
        return parseArgs({
            args: joinNegatives(args, options),
            options,
            allowPositionals: true,
            strict: true,
            tokens: true,
        });
    } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const [, name] =
            /^Option '(?:-\w, )?(--[\w-]+) <value>' argument missing/.exec(message) ?? [];
        throw usage(name ? `${name} needs a value` : (message.split(/\.\s/)[0] ?? message));
    }
}

interface Token {
    kind: string;
    name?: string;
}

/** Of two values one would be dropped without a word. A switch may be given as often as one likes. */
function refuseTwice(tokens: readonly Token[], options: Options): void {
    const given = new Set<string>();
    for (const { kind, name = "" } of tokens) {
        if (kind !== "option" || options[name]?.type !== "string" || options[name].multiple)
            continue;
        if (given.has(name)) throw usage(`--${name} is given twice, and takes one value`);
        given.add(name);
    }
}

/** `--chunks -1` as `--chunks=-1`: Node takes a number below 0 for an option, and who reads the value says better what is wrong with it. */
function joinNegatives(args: readonly string[], options: Options): string[] {
    const end = args.indexOf("--");
    const joined: string[] = [];
    for (const [index, arg] of args.entries()) {
        const isOption = end < 0 || index < end;
        const last = joined.at(-1) ?? "";
        const takesValue = last.startsWith("--") && options[last.slice(2)]?.type === "string";
        if (isOption && takesValue && /^-\d/.test(arg)) joined.push(`${joined.pop()}=${arg}`);
        else joined.push(arg);
    }
    return joined;
}

/** The options themselves are wrong, so how they are written is shown with the sentence. */
export class UsageError extends AppError {
    constructor(message: string) {
        super("user/usage", message);
    }
}

export function usage(message: string): UsageError {
    return new UsageError(message);
}

/** Exactly one positional argument. */
export function onePositional(positionals: string[], what: string): string {
    const [first, ...more] = positionals;
    if (first === undefined || first === "") throw usage(`${what} is missing`);
    noPositionals(more);
    return first;
}

/** For commands that take options only. */
export function noPositionals(positionals: readonly string[]): void {
    if (positionals.length > 0) throw usage(`Unexpected argument ${positionals[0]}`);
}

/** A whole number within bounds. */
export function wholeNumber(text: string, name: string, least: number, most: number): number {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < least || value > most)
        throw usage(`${name} takes a whole number from ${least} to ${most}`);
    return value;
}
