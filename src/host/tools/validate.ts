/**
 * An input that a model made up, against its tool's schema. Small slips that cannot be misread are mended (a number as text, an empty
 * text for nothing); everything else is a sentence that tells the model what to send. Pure.
 */

import { AppError } from "../../base/errors";
import type { InputSchema, PropertySchema } from "./schemas";

type ValueOf<P> = P extends { enum: readonly (infer E)[] }
    ? E
    : P extends { type: "string" }
      ? string
      : P extends { type: "integer" }
        ? number
        : boolean;

export type InputOf<S extends InputSchema> = {
    [K in keyof S["properties"]]: K extends S["required"][number]
        ? ValueOf<S["properties"][K]>
        : ValueOf<S["properties"][K]> | undefined;
};

/** Throws AppError `user/usage` with a sentence for the model. */
export function validate<S extends InputSchema>(
    tool: string,
    schema: S,
    input: unknown,
): InputOf<S> {
    if (typeof input !== "object" || input === null || Array.isArray(input))
        throw wrong(tool, "the input must be an object");
    const known = Object.keys(schema.properties);
    for (const key of Object.keys(input))
        if (!known.includes(key))
            throw wrong(tool, `there is no \`${key.slice(0, 60)}\`; it takes ${list(known)}`);
    const values: Record<string, unknown> = {};
    for (const [key, property] of Object.entries(schema.properties)) {
        const given: unknown = (input as Record<string, unknown>)[key];
        const isRequired = schema.required.includes(key);
        if (given === undefined || given === null || (given === "" && !isRequired)) {
            if (isRequired) throw wrong(tool, `\`${key}\` is missing`);
            continue;
        }
        values[key] = valueOf(tool, key, { property, given });
    }
    return values as InputOf<S>;
}

function valueOf(
    tool: string,
    key: string,
    { property, given }: { property: PropertySchema; given: unknown },
): unknown {
    const fail = (why: string) => wrong(tool, `\`${key}\` ${why}`);
    switch (property.type) {
        case "string":
            return text(given, property, fail);
        case "integer":
            return integer(given, property, fail);
        case "boolean":
            if (given === "true" || given === "false") return given === "true";
            if (typeof given !== "boolean") throw fail("must be true or false");
            return given;
    }
}

type Fail = (why: string) => AppError;

function text(given: unknown, { maxLength, enum: words }: PropertySchema, fail: Fail): string {
    if (typeof given !== "string") throw fail("must be a string");
    if (given.trim() === "") throw fail("is empty");
    if (maxLength !== undefined && given.length > maxLength)
        throw fail(`is longer than ${maxLength} characters`);
    if (words && !words.includes(given)) throw fail(`must be one of ${list(words)}`);
    return given;
}

function integer(given: unknown, { minimum, maximum }: PropertySchema, fail: Fail): number {
    const isDigits = typeof given === "string" && /^\s*-?\d{1,15}\s*$/.test(given);
    const value = isDigits ? Number(given) : given;
    if (typeof value !== "number" || !Number.isSafeInteger(value))
        throw fail("must be a whole number");
    if (value < (minimum ?? value) || value > (maximum ?? value))
        throw fail(`must be from ${minimum} to ${maximum}`);
    return value;
}

function wrong(tool: string, why: string): AppError {
    return new AppError("user/usage", `The input of ${tool} is wrong: ${why}`);
}

function list(words: readonly string[]): string {
    return words.map((word) => `\`${word}\``).join(", ");
}
