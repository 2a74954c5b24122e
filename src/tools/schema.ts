/**
 * A JSON schema as a grammar: only valid values are let through, written one way (src/tools/jsonText.ts), properties in the schema's order.
 * Schemas come from other extensions and servers: depth and size are bounded. docs/tools.md says what is loosened.
 */

import { AppError } from "../base/errors";
import { formatNode } from "./formats";
import type { Grammar, Node } from "./grammar";
import { canonicalJson, COMMA, JsonText, MAX_ITEMS } from "./jsonText";
import { integersWithin, isWithin, numbersWithin, type Bounds } from "./numbers";
import { patternNode } from "./pattern";
import { isObject, listedIn, merged, resolve, without, type Schema } from "./schemaParts";

const MAX_DEPTH = 512;
/** How often a definition may stand inside of itself. */
const MAX_LEVELS = 6;
/** Schemas looked at for one tool, and parts of one `allOf`: what is put together again and again doubles with each level. */
const MAX_VISITS = 5000;
const MAX_PARTS = 64;

/** Schemas of one document: `document` is where `$ref` looks. Throws AppError `data/unsupported` when it is too deep or too large. */
export class SchemaGrammar {
    private readonly json: JsonText;
    private readonly references = new Map<string, Node>();
    private readonly open = new Set<string>();
    private level = 0;
    private nVisits = 0;

    constructor(
        private readonly grammar: Grammar,
        private readonly document: unknown,
    ) {
        this.json = new JsonText(grammar);
    }

    value(schema: unknown, depth = 0): Node {
        if (depth > MAX_DEPTH || ++this.nVisits > MAX_VISITS) throw tooDeep();
        if (schema === false) return this.grammar.choice([]);
        if (!isObject(schema)) return this.json.any();
        return (
            this.reference(schema, depth) ??
            this.combined(schema, depth) ??
            this.plain(schema, depth)
        );
    }

    private reference(schema: Schema, depth: number): Node | undefined {
        const pointer = schema["$ref"];
        if (typeof pointer !== "string") return undefined;
        const target = resolve(this.document, pointer);
        if (target === undefined) return this.json.any();
        const rest = without(schema, "$ref");
        if (isObject(target) && Object.keys(rest).some((key) => !ANNOTATIONS.has(key)))
            return this.value(merged(target, rest), depth + 1);
        return this.inside(pointer, target, depth);
    }

    /** A definition, inside of itself only so many times: a model that has begun to nest has to come to an end. */
    private inside(pointer: string, target: unknown, depth: number): Node {
        const level = this.level + (this.open.has(pointer) ? 1 : 0);
        if (level > MAX_LEVELS) return this.grammar.choice([]);
        const key = `${level} ${pointer}`;
        const known = this.references.get(key);
        if (known !== undefined) return known;
        const [before, isInner] = [this.level, this.open.has(pointer)];
        this.level = level;
        this.open.add(pointer);
        const node = this.value(target, depth + 1);
        this.level = before;
        if (!isInner) this.open.delete(pointer);
        this.references.set(key, node);
        return node;
    }

    private combined(schema: Schema, depth: number): Node | undefined {
        const { allOf, anyOf, oneOf, ...rest }: Schema = schema;
        if (Array.isArray(allOf)) {
            if (allOf.length > MAX_PARTS) throw tooDeep();
            const parts = allOf.map((part) => this.dereferenced(part));
            if (parts.includes(false)) return this.grammar.choice([]);
            const others = { ...rest, ...(anyOf ? { anyOf } : {}), ...(oneOf ? { oneOf } : {}) };
            return this.value(parts.filter(isObject).reduce(merged, others), depth + 1);
        }
        const either = Array.isArray(anyOf) ? anyOf : oneOf;
        if (!Array.isArray(either)) return undefined;
        // Beside `anyOf` the other list is one more thing that each part has to hold to.
        if (either === anyOf && oneOf) rest["oneOf"] = oneOf;
        const hasRest = Object.keys(rest).some((key) => !ANNOTATIONS.has(key));
        return this.grammar.choice(
            either.map((part) => {
                const full = hasRest ? this.dereferenced(part) : (part as unknown);
                return this.value(hasRest && isObject(full) ? merged(rest, full) : full, depth + 1);
            }),
        );
    }

    private dereferenced(part: unknown): unknown {
        const pointer = isObject(part) ? part["$ref"] : undefined;
        if (typeof pointer !== "string" || !isObject(part)) return part;
        const rest = without(part, "$ref");
        const target = resolve(this.document, pointer);
        return isObject(target) ? merged(target, rest) : (target ?? rest);
    }

    private plain(schema: Schema, depth: number): Node {
        const types = typesOf(schema);
        const listed = listedIn(schema);
        if (listed)
            return this.grammar.choice(
                listed
                    .filter((value) => types.length === 0 || types.some((t) => isOf(value, t)))
                    .filter((value) => isInside(value, schema))
                    .map((value) => this.grammar.text(canonicalJson(value))),
            );
        if (types.length === 0 && !Array.isArray(schema["type"])) return this.json.any();
        return this.grammar.choice(types.map((type) => this.ofType(type, schema, depth)));
    }

    private ofType(type: string, schema: Schema, depth: number): Node {
        switch (type) {
            case "object":
                return this.object(schema, depth);
            case "array":
                return this.array(schema, depth);
            case "string":
                return this.string(schema);
            case "integer":
                return hasBounds(schema)
                    ? integersWithin(this.grammar, boundsOf(schema))
                    : this.json.integer();
            case "number":
                return hasBounds(schema)
                    ? numbersWithin(this.grammar, boundsOf(schema))
                    : this.json.number();
            case "boolean":
                return this.grammar.choice([this.grammar.text("true"), this.grammar.text("false")]);
            case "null":
                return this.grammar.text("null");
            default:
                return this.json.any();
        }
    }

    private string(schema: Schema): Node {
        const { pattern, format } = schema;
        // Of schemas that must all hold there can be several.
        const patterns = Array.isArray(pattern) ? (pattern as unknown[]) : [pattern];
        const contents =
            patternNode(this.json, ...patterns.filter((one) => typeof one === "string")) ??
            (typeof format === "string" ? formatNode(this.json, format) : undefined);
        if (contents !== undefined) return this.json.quoted(contents);
        return this.json.string(count(schema["minLength"]) ?? 0, count(schema["maxLength"]));
    }

    private array(schema: Schema, depth: number): Node {
        const { grammar: g } = this;
        const brackets = (inside: Node) => g.sequence([g.text("["), inside, g.text("]")]);
        const min = count(schema["minItems"]) ?? 0;
        const max = count(schema["maxItems"]);
        const firsts = schema["prefixItems"] ?? schema["items"];
        if (!Array.isArray(firsts))
            return brackets(
                this.json.list(
                    this.value(schema["items"], depth + 1),
                    min,
                    max ?? Math.max(min, MAX_ITEMS),
                ),
            );
        const rest = "prefixItems" in schema ? schema["items"] : schema["additionalItems"];
        const items = firsts.map((item) => this.value(item, depth + 1));
        const lengths: Node[] = min === 0 ? [g.empty] : [];
        for (let n = Math.max(1, min); n <= Math.min(items.length, max ?? Infinity); n++)
            lengths.push(g.sequence(separated(g, items.slice(0, n))));
        const nMore = Math.max(1, min - items.length);
        if ((max ?? Infinity) >= items.length + nMore && rest !== false && items.length > 0) {
            const more = g.sequence([g.text(COMMA), this.value(rest, depth + 1)]);
            const most = (max ?? Math.max(min, MAX_ITEMS)) - items.length;
            lengths.push(g.sequence([...separated(g, items), g.repeat(more, nMore, most)]));
        }
        return brackets(g.choice(lengths));
    }

    private object(schema: Schema, depth: number): Node {
        const { grammar: g, json } = this;
        const declared = isObject(schema["properties"]) ? schema["properties"] : {};
        const required = Array.isArray(schema["required"])
            ? schema["required"].filter((name) => typeof name === "string")
            : [];
        const names = [...new Set([...Object.keys(declared), ...required])];
        const others = othersOf(schema);
        const members = names.map((name) => {
            const undeclared =
                schema["additionalProperties"] === false ? byAnyPattern(schema) : (others ?? {});
            const value = Object.hasOwn(declared, name) ? declared[name] : undeclared;
            return {
                node: json.member(name, this.value(value, depth + 1)),
                isRequired: required.includes(name),
            };
        });
        const other =
            (names.length === 0 ? this.byPattern(schema, depth) : undefined) ??
            (others === undefined
                ? undefined
                : g.sequence([json.otherKey(names), g.text(": "), this.value(others, depth + 1)]));
        const least = count(schema["minProperties"]) ?? 0;
        const isSomeMissing = names.length === 0 && least > 0;
        const most = count(schema["maxProperties"]);
        if (names.length === 0)
            return json.braces(
                other === undefined
                    ? isSomeMissing
                        ? g.choice([])
                        : g.empty
                    : least > (most ?? Infinity)
                      ? g.choice([])
                      : json.list(
                            other,
                            least,
                            Math.max(least, Math.min(most ?? MAX_ITEMS, MAX_ITEMS)),
                        ),
            );
        return json.braces(this.members(members, other));
    }

    /** A property of `patternProperties`, when all the names are such as can be held to; there are none beside them then. */
    private byPattern(schema: Schema, depth: number): Node | undefined {
        const { grammar: g, json } = this;
        const patterns = schema["patternProperties"];
        if (!isObject(patterns)) return undefined;
        const members: Node[] = [];
        for (const [pattern, value] of Object.entries(patterns)) {
            const name = patternNode(json, pattern);
            if (name === undefined) return undefined;
            members.push(
                g.sequence([json.quoted(name), g.text(": "), this.value(value, depth + 1)]),
            );
        }
        return members.length === 0 ? undefined : g.choice(members);
    }

    /** In order, each that is not required or left out; then any number of others. */
    private members(
        members: readonly { node: Node; isRequired: boolean }[],
        other: Node | undefined,
    ): Node {
        const { grammar: g } = this;
        const comma = g.text(COMMA);
        let behind =
            other === undefined ? g.empty : g.repeat(g.sequence([comma, other]), 0, MAX_ITEMS);
        const starts: Node[] =
            other === undefined ? [g.empty] : [this.json.list(other, 0, MAX_ITEMS)];
        for (const { node, isRequired } of [...members].reverse()) {
            if (isRequired) starts.length = 0;
            starts.push(g.sequence([node, behind]));
            const next = g.sequence([comma, node]);
            behind = g.sequence([isRequired ? next : g.optional(next), behind]);
        }
        return g.choice(starts);
    }
}

export function tooDeep(cause?: unknown): AppError {
    return new AppError(
        "data/unsupported",
        "The parameters of a tool are nested too deeply to hold a model to; leave that tool out",
        { cause },
    );
}

/** Keywords that say nothing about which values are valid. */
const ANNOTATIONS = new Set([
    ...["title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"],
    ...["$schema", "$id", "$comment", "$defs", "definitions", "markdownDescription"],
]);

function separated(g: Grammar, items: readonly Node[]): Node[] {
    return items.flatMap((item, i) => (i === 0 ? [item] : [g.text(COMMA), item]));
}

/** What properties that are not named may hold; undefined: there are none. A list of names, though empty, is taken for all there are. */
function othersOf(schema: Schema): unknown {
    const others = schema["additionalProperties"];
    if (others === false) return undefined;
    if (others === undefined) return isObject(schema["properties"]) ? undefined : {};
    return others;
}

/** The value of a required name that stands nowhere else; false: no name can be such. */
function byAnyPattern({ patternProperties }: Schema): unknown {
    const values = isObject(patternProperties) ? Object.values(patternProperties) : [];
    return values.length > 0 && { anyOf: values };
}

/** The types that a value may have, said or told by the keywords; none: any. */
function typesOf(schema: Schema): string[] {
    const { type } = schema;
    if (typeof type === "string") return [type];
    if (Array.isArray(type)) return type.filter((name) => typeof name === "string");
    const has = (...names: string[]) => names.some((name) => name in schema);
    if ("const" in schema || "enum" in schema) return [];
    if (has("properties", "required", "additionalProperties", "patternProperties"))
        return ["object"];
    if (has("items", "prefixItems", "minItems", "maxItems")) return ["array"];
    if (has("pattern", "minLength", "maxLength", "format")) return ["string"];
    if (hasBounds(schema)) return ["number"];
    return [];
}

function isOf(value: unknown, type: string): boolean {
    if (type === "null") return value === null;
    if (type === "array") return Array.isArray(value);
    if (type === "object") return isObject(value);
    if (type === "integer") return Number.isInteger(value);
    return typeof value === type;
}

function count(value: unknown): number | undefined {
    return typeof value === "number" && value >= 0 ? Math.floor(value) : undefined;
}

/** Whether a listed value holds to the bounds beside the list. */
function isInside(value: unknown, schema: Schema): boolean {
    if (typeof value === "number") return isWithin(value, boundsOf(schema));
    if (typeof value !== "string") return true;
    const length = [...value].length;
    const min = count(schema["minLength"]) ?? 0;
    return length >= min && length <= (count(schema["maxLength"]) ?? Infinity);
}

const BOUND_KEYS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] as const;

function hasBounds(schema: Schema): boolean {
    return BOUND_KEYS.some((key) => typeof schema[key] === "number");
}

function boundsOf(schema: Schema): Bounds {
    const number = (key: string) => {
        const value = schema[key];
        return typeof value === "number" && Number.isFinite(value) ? value : undefined;
    };
    const tighter = (
        bound: number | undefined,
        strict: number | undefined,
        pick: (...values: number[]) => number,
        isOut: boolean,
    ) => {
        if (strict === undefined) return { value: bound, isOut };
        if (bound === undefined) return { value: strict, isOut: true };
        const value = pick(bound, strict);
        return { value, isOut: isOut || value === strict };
    };
    // Until draft 4 the exclusive forms were flags.
    const low = tighter(
        number("minimum"),
        number("exclusiveMinimum"),
        Math.max,
        schema["exclusiveMinimum"] === true,
    );
    const high = tighter(
        number("maximum"),
        number("exclusiveMaximum"),
        Math.min,
        schema["exclusiveMaximum"] === true,
    );
    return { min: low.value, max: high.value, minIsOut: low.isOut, maxIsOut: high.isOut };
}
