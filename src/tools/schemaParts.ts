/** Pieces of a JSON schema: where a `$ref` leads, and two schemas that must both hold as one. */

export type Schema = Record<string, unknown>;

export function isObject(value: unknown): value is Schema {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function without(schema: Schema, key: string): Schema {
    return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
}

/** Parts of a document that are looked at for an anchor. */
const MAX_LOOKS = 20_000;

/** `#/a/b` in the document, or `#name` of a part's `$anchor`; undefined when it is not there or elsewhere. */
export function resolve(document: unknown, pointer: string): unknown {
    if (!pointer.startsWith("#")) return undefined;
    if (pointer.length > 1 && !pointer.startsWith("#/"))
        return anchored(document, pointer.slice(1));
    let at: unknown = document;
    for (const part of pointer.split("/").slice(1)) {
        const key = decode(part).replaceAll("~1", "/").replaceAll("~0", "~");
        if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
        at = (at as Schema)[key];
    }
    return at;
}

function anchored(document: unknown, name: string): unknown {
    const waiting = [document];
    for (let at = 0; at < Math.min(waiting.length, MAX_LOOKS); at++) {
        const part = waiting[at];
        if (isObject(part) && part["$anchor"] === name) return part;
        if (typeof part === "object" && part !== null)
            for (const inner of Object.values(part)) waiting.push(inner);
    }
    return undefined;
}

function decode(part: string): string {
    try {
        return decodeURIComponent(part);
    } catch {
        return part;
    }
}

/** Both at once, as far as their keywords can be brought together; of two that cannot the second counts. */
export function merged(a: Schema, b: Schema): Schema {
    const result: Schema = { ...a, ...b };
    const put = (key: string, combine: (x: unknown, y: unknown) => unknown) => {
        if (key in a && key in b) result[key] = combine(a[key], b[key]);
    };
    put("properties", bothProperties);
    put("required", (x, y) => [...new Set([...list(x), ...list(y)])]);
    put("pattern", (x, y) => [...new Set([...list(x), ...list(y)])]);
    put("type", (x, y) => bothTypes(list(x), list(y)));
    const [first, second] = [listedIn(a), listedIn(b)];
    if (first && second) {
        delete result["const"];
        const texts = new Set(second.map((value) => JSON.stringify(value)));
        result["enum"] = first.filter((value) => texts.has(JSON.stringify(value)));
    }
    for (const key of ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"])
        put(key, (x, y) => extreme(x, y, Math.max));
    for (const key of ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"])
        put(key, (x, y) => extreme(x, y, Math.min));
    put("additionalProperties", (x, y) => (x === false || y === false ? false : both(x, y)));
    put("items", both);
    put("allOf", (x, y) => [...list(x), ...list(y)]);
    for (const key of ["anyOf", "oneOf"])
        if (key in a && key in b) {
            // Two lists of which one of each must hold: the second is brought in through `allOf`.
            result[key] = b[key];
            result["allOf"] = [...list(result["allOf"]), { [key]: a[key] }];
        }
    return result;
}

/** A property named by one of two closed lists only cannot be there at all; names that are not closed add up. */
function bothProperties(x: unknown, y: unknown): unknown {
    if (!isObject(x) || !isObject(y)) return y;
    const entries = Object.keys({ ...x, ...y }).map((key): [string, unknown] => [
        key,
        key in x && key in y ? both(x[key], y[key]) : key in x ? x[key] : y[key],
    ]);
    return Object.fromEntries(entries);
}

function both(x: unknown, y: unknown): unknown {
    if (x === false || y === false) return false;
    if (!isObject(x)) return y;
    return isObject(y) ? { allOf: [x, y] } : x;
}

function bothTypes(x: unknown[], y: unknown[]): unknown[] {
    return x
        .map((type) => (type === "number" && y.includes("integer") ? "integer" : type))
        .filter((type) => y.includes(type) || (type === "integer" && y.includes("number")));
}

/** The only values that a schema allows; undefined: it lists none. */
export function listedIn(schema: Schema): unknown[] | undefined {
    if ("const" in schema) return [schema["const"]];
    return Array.isArray(schema["enum"]) ? (schema["enum"] as unknown[]) : undefined;
}

function extreme(x: unknown, y: unknown, pick: (...values: number[]) => number): unknown {
    return typeof x === "number" && typeof y === "number" ? pick(x, y) : y;
}

function list(value: unknown): unknown[] {
    return Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
}
