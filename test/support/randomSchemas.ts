/** JSON schemas, values that are valid for them and values that are not, all from a seed; and a plain validator to tell them apart. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type TestSchema = Record<string, unknown>;

export class Random {
    constructor(private state: number) {}

    /** From 0 up to, not including, 1. */
    next(): number {
        this.state = (this.state + 0x6d2b79f5) | 0;
        let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    }

    /** Whole, both ends included. */
    between(from: number, to: number): number {
        return from + Math.floor(this.next() * (to - from + 1));
    }

    chance(share: number): boolean {
        return this.next() < share;
    }

    pick<T>(values: readonly T[]): T {
        const value = values[this.between(0, values.length - 1)];
        if (value === undefined) throw new Error("nothing to pick from");
        return value;
    }
}

const NAMES = ["path", "query", "limit", "größe", "is_regex", "a", "ab", "line-end", 'quo"ted', ""];
const WORDS = [
    "",
    "x",
    "hello",
    "src/a.ts",
    'say "hi"',
    "tab\there",
    "größer",
    "日本",
    "😀 ok",
    "\\n",
];
const PATTERNS: readonly (readonly [pattern: string, valid: readonly string[]])[] = [
    ["^[a-z]+$", ["a", "abc"]],
    ["^\\d{2,4}-[A-F]?$", ["12-", "1234-A"]],
    ["ab|^c", ["xxabyy", "cde"]],
    ["^(?:foo|bar)(\\.\\w+)*$", ["foo", "bar.a.b_c"]],
    ['^[^"x]*$', ["", "a\nb", "ü"]],
];

/** A schema of some size; `depth`: how far it may still nest. `roots`: definitions that it may refer to. */
export function randomSchema(random: Random, depth = 3, roots: readonly string[] = []): TestSchema {
    const leaf: (() => TestSchema)[] = [
        () => randomString(random),
        () => randomNumber(random, "integer"),
        () => randomNumber(random, "number"),
        () => ({ type: "boolean" }),
        () => ({ enum: [random.pick(WORDS), random.between(-5, 5), null, true, "other"] }),
        () => ({ const: random.pick([...WORDS, 4, null]) }),
        () => ({ type: ["string", "null"], maxLength: 12 }),
    ];
    if (depth === 0) return random.pick(leaf)();
    const inner = () => randomSchema(random, depth - 1, roots);
    return random.pick([
        ...leaf,
        ...Array<() => TestSchema>(4).fill(() => randomObject(random, inner)),
        () => ({
            type: "array",
            items: inner(),
            minItems: random.between(0, 2),
            maxItems: random.between(2, 4),
        }),
        () => ({ type: "array", prefixItems: [inner(), inner()], items: false }),
        () => ({ [random.pick(["anyOf", "oneOf"])]: [{ type: "null" }, inner()] }),
        () => (roots.length > 0 ? { $ref: random.pick(roots) } : inner()),
    ])();
}

function randomString(random: Random): TestSchema {
    const [pattern] = random.pick(PATTERNS);
    return random.pick<TestSchema>([
        { type: "string", maxLength: random.between(4, 30) },
        { type: "string", minLength: random.between(1, 3), maxLength: random.between(4, 12) },
        { type: "string", pattern },
        { type: "string", format: random.pick(["date", "uuid", "ipv4"]) },
    ]);
}

function randomNumber(random: Random, type: string): TestSchema {
    const from = random.between(-200, 200);
    return random.pick<TestSchema>([
        { type },
        { type, minimum: from },
        { type, exclusiveMaximum: from },
        { type, minimum: from, maximum: from + random.between(0, 1500) },
        { type, exclusiveMinimum: from, maximum: from + 40 },
    ]);
}

function randomObject(random: Random, inner: () => TestSchema): TestSchema {
    const names = NAMES.filter(() => random.chance(0.4));
    const properties = Object.fromEntries(names.map((name) => [name, inner()]));
    const others = random.pick([
        {},
        { additionalProperties: false },
        { additionalProperties: inner() },
    ]);
    return {
        type: "object",
        properties,
        required: names.filter(() => random.chance(0.5)),
        ...others,
    };
}

/** An object schema, as the parameters of a tool are, with a definition that refers to itself. */
export function randomParameters(random: Random): TestSchema {
    const root = randomObject(random, () => randomSchema(random, 2, ["#/$defs/node"]));
    const node = {
        type: "object",
        properties: {
            name: { type: "string", maxLength: 8 },
            next: { anyOf: [{ type: "null" }, { $ref: "#/$defs/node" }] },
        },
        required: ["name", "next"],
        additionalProperties: false,
    };
    return { ...root, $defs: { node } };
}

/** Without properties that are not named: a model that knows nothing would write them until its tokens are used up. */
export function closed(schema: TestSchema): TestSchema {
    return JSON.parse(
        JSON.stringify(schema, (_key, value: unknown) => {
            const isObject = typeof value === "object" && value !== null && "properties" in value;
            return isObject ? { ...value, additionalProperties: false } : value;
        }),
    ) as TestSchema;
}

const at = (document: TestSchema, pointer: string): unknown =>
    pointer
        .split("/")
        .slice(1)
        .reduce<unknown>((value, key) => (value as TestSchema)[key], document);

/** A value that is valid, with the properties in the schema's order. */
// eslint-disable-next-line complexity -- one line for each keyword
export function instanceOf(random: Random, schema: TestSchema, document = schema, depth = 0): Json {
    const of = (part: unknown) => instanceOf(random, part as TestSchema, document, depth + 1);
    if (typeof schema["$ref"] === "string") return of(at(document, schema["$ref"]));
    const either = (schema["anyOf"] ?? schema["oneOf"]) as TestSchema[] | undefined;
    if (either) return of(depth > 6 ? either[0] : random.pick(either));
    if ("const" in schema) return schema["const"] as Json;
    if (schema["enum"]) return random.pick(schema["enum"] as Json[]);
    const { type } = schema;
    if (Array.isArray(type)) return random.pick<Json>([null, "text"]);
    if (type === "object") return objectOf(random, schema, of);
    if (type === "array") {
        const first = schema["prefixItems"] as TestSchema[] | undefined;
        if (first) return first.map(of);
        const [min, max] = [Number(schema["minItems"] ?? 0), Number(schema["maxItems"] ?? 3)];
        return Array.from({ length: random.between(min, max) }, () => of(schema["items"]));
    }
    if (type === "null") return null;
    if (type === "boolean") return random.chance(0.5);
    if (type === "string") return stringOf(random, schema);
    return numberOf(random, schema);
}

function objectOf(random: Random, schema: TestSchema, of: (part: unknown) => Json): Json {
    const required = (schema["required"] ?? []) as string[];
    const properties = Object.entries((schema["properties"] ?? {}) as TestSchema)
        .filter(([name]) => required.includes(name) || random.chance(0.5))
        .map(([name, part]): [string, Json] => [name, of(part)]);
    const others = schema["additionalProperties"];
    const hasOther = typeof others === "object" && random.chance(0.5);
    return Object.fromEntries(hasOther ? [...properties, ["abc", of(others)]] : properties);
}

function stringOf(random: Random, schema: TestSchema): string {
    const known = PATTERNS.find(([pattern]) => pattern === schema["pattern"]);
    if (known) return random.pick(known[1]);
    if (schema["format"] === "date") return random.pick(["2024-02-28", "1999-12-31"]);
    if (schema["format"] === "uuid") return "01234567-89ab-cdef-0123-456789abcdef";
    if (schema["format"] === "ipv4") return random.pick(["127.0.0.1", "255.10.99.200"]);
    const [min, max] = [Number(schema["minLength"] ?? 0), Number(schema["maxLength"] ?? 20)];
    const text = [...random.pick(WORDS)].slice(0, max).join("");
    return text.padEnd(text.length + Math.max(0, min - [...text].length), "z");
}

function numberOf(random: Random, schema: TestSchema): number {
    const low = Number(schema["minimum"] ?? schema["exclusiveMinimum"] ?? -Infinity);
    const high = Number(schema["maximum"] ?? schema["exclusiveMaximum"] ?? Infinity);
    const from = Math.ceil(Number.isFinite(low) ? low : high - 1000);
    const to = Math.floor(Number.isFinite(high) ? high : from + 1000);
    const isWhole = schema["type"] === "integer" || random.chance(0.5);
    for (let tries = 0; tries < 50; tries++) {
        const value = random.between(
            Number.isFinite(from) ? from : -1000,
            Number.isFinite(to) ? to : 1000,
        );
        const found = isWhole ? value : value + random.pick([0.5, 0.25]);
        if (isValid(found, schema)) return found;
    }
    throw new Error(`no number for ${JSON.stringify(schema)}`);
}

/** Small changes of a value, most of which make it invalid. */
export function changes(random: Random, value: Json): Json[] {
    if (Array.isArray(value)) {
        const i = random.between(0, Math.max(0, value.length - 1));
        const inner = value[i] === undefined ? [] : changes(random, value[i]);
        return [
            ...inner.map((other) => value.map((item, k) => (k === i ? other : item))),
            value.slice(1),
            [...value, null, 1, {}],
        ];
    }
    if (typeof value === "object" && value !== null) {
        const keys = Object.keys(value);
        const key = keys.length > 0 ? random.pick(keys) : undefined;
        if (key === undefined) return [{ undeclared: { deep: [1] } }, "text"];
        const rest = Object.fromEntries(
            keys.filter((k) => k !== key).map((k) => [k, value[k] ?? null]),
        );
        return [
            rest,
            ...changes(random, value[key] ?? null).map((other) => ({ ...value, [key]: other })),
            { ...value, undeclared: { deep: [1] } },
        ];
    }
    if (typeof value === "string") return [`${value}${"#".repeat(40)}`, 7, null, value.slice(1)];
    if (typeof value === "number") return [value + 5000, value - 5000, value + 0.5, String(value)];
    return ["none of them", 12345];
}

/** By the keywords that the schemas above use. */
// eslint-disable-next-line complexity -- one line for each keyword
export function isValid(value: unknown, schema: unknown, document: unknown = schema): boolean {
    if (typeof schema === "boolean") return schema;
    const s = schema as TestSchema;
    const ok = (part: unknown, of: unknown) => isValid(of, part, document);
    if (typeof s["$ref"] === "string" && !ok(at(document as TestSchema, s["$ref"]), value))
        return false;
    if (Array.isArray(s["allOf"]) && !s["allOf"].every((part) => ok(part, value))) return false;
    if (Array.isArray(s["anyOf"]) && !s["anyOf"].some((part) => ok(part, value))) return false;
    if (Array.isArray(s["oneOf"]) && !s["oneOf"].some((part) => ok(part, value))) return false;
    const isSame = (other: unknown) => JSON.stringify(other) === JSON.stringify(value);
    if ("const" in s && !isSame(s["const"])) return false;
    if (Array.isArray(s["enum"]) && !s["enum"].some(isSame)) return false;
    const types = [s["type"] ?? []].flat();
    if (types.length > 0 && !types.some((type) => hasType(value, type))) return false;
    if (typeof value === "number") return isNumberValid(value, s);
    if (typeof value === "string") return isStringValid(value, s);
    if (Array.isArray(value)) return isArrayValid(value, s, ok);
    if (typeof value === "object" && value !== null)
        return isObjectValid(value as TestSchema, s, ok);
    return true;
}

function hasType(value: unknown, type: unknown): boolean {
    if (type === "null") return value === null;
    if (type === "array") return Array.isArray(value);
    if (type === "object")
        return typeof value === "object" && value !== null && !Array.isArray(value);
    if (type === "integer") return Number.isInteger(value);
    return typeof value === type;
}

function isNumberValid(value: number, s: TestSchema): boolean {
    return (
        value >= Number(s["minimum"] ?? -Infinity) &&
        value <= Number(s["maximum"] ?? Infinity) &&
        value > Number(s["exclusiveMinimum"] ?? -Infinity) &&
        value < Number(s["exclusiveMaximum"] ?? Infinity)
    );
}

const FORMATS: Record<string, (value: string) => boolean> = {
    date: (value) =>
        /^\d{4}-\d\d-\d\d$/.test(value) && new Date(value).toISOString().startsWith(value),
    uuid: (value) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value),
    ipv4: (value) =>
        /^\d+(\.\d+){3}$/.test(value) && value.split(".").every((part) => Number(part) < 256),
};

function isStringValid(value: string, s: TestSchema): boolean {
    const length = [...value].length;
    if (length < Number(s["minLength"] ?? 0) || length > Number(s["maxLength"] ?? Infinity))
        return false;
    if (typeof s["pattern"] === "string" && !new RegExp(s["pattern"], "u").test(value))
        return false;
    return FORMATS[String(s["format"])]?.(value) ?? true;
}

type Check = (part: unknown, value: unknown) => boolean;

function isArrayValid(value: unknown[], s: TestSchema, ok: Check): boolean {
    if (
        value.length < Number(s["minItems"] ?? 0) ||
        value.length > Number(s["maxItems"] ?? Infinity)
    )
        return false;
    const first = (s["prefixItems"] ?? []) as unknown[];
    return value.every((item, i) => ok(first[i] ?? s["items"] ?? true, item));
}

function isObjectValid(value: TestSchema, s: TestSchema, ok: Check): boolean {
    const properties = (s["properties"] ?? {}) as TestSchema;
    if (!((s["required"] ?? []) as string[]).every((name) => Object.hasOwn(value, name)))
        return false;
    return Object.entries(value).every(([name, part]) =>
        ok(
            Object.hasOwn(properties, name)
                ? properties[name]
                : (s["additionalProperties"] ?? true),
            part,
        ),
    );
}
