/**
 * Statements that import several names, as JavaScript, TypeScript, Python, Go, Rust and PHP write them: which ones, and the statement
 * with one more. Pure.
 */

export interface ImportList {
    /** What the names are from; statements that can be one have the same. */
    module: string;
    /** Only those of one kind can be one. */
    kind: string;
    /** The kinds of which a name need not be declared again. */
    declares: readonly string[];
    names: readonly string[];
    /** Undefined: it cannot take this one. */
    withName(name: string): string | undefined;
    /** A statement for some of its names. */
    only(names: readonly string[]): string;
}

/** Longer statements are nobody's: reading one for each of its names takes minutes. */
const MAX_LENGTH = 10_000;

/** Undefined: a text that is none. */
export function listOf(text: string): ImportList | undefined {
    if (text.length > MAX_LENGTH) return undefined;
    return script(text) ?? required(text) ?? python(text) ?? go(text) ?? paths(text);
}

/** A name would go into it. */
const COMMENT = /\/[/*]/;

const SCRIPT =
    /^(\s*import\s+(type\s+)?)(?:([\w$]+)\s*(?:,\s*)?)?(?:\{([^{}]*)\}\s*)?from\s*(["'][^"']+["'])\s*;?\s*$/;
const DEFAULT = "default ";

/** `import D, { a, b } from "m"`: the name `default D` is that in front of the list. */
function script(text: string): ImportList | undefined {
    const [, start = "", type, own, list, module] = SCRIPT.exec(text) ?? [];
    if (module === undefined || (own === undefined && list === undefined)) return undefined;
    const named = (list ?? "").replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    const names = [...(own === undefined ? [] : [DEFAULT + own]), ...namesIn(named)];
    const isType = type !== undefined;
    return {
        module: module.slice(1, -1),
        kind: isType ? "import type" : "import",
        declares: isType ? ["import type"] : ["import", "import type"],
        names,
        withName(name) {
            const isDefault = name.startsWith(DEFAULT);
            // A type's statement has either of them, and two names in front are none.
            if (isType && isDefault !== (list === undefined)) return undefined;
            if (isDefault)
                return own === undefined
                    ? `${start}${name.slice(DEFAULT.length)}, ${text.slice(start.length)}`
                    : undefined;
            if (list !== undefined)
                return COMMENT.test(list)
                    ? undefined
                    : withNameIn(text, text.indexOf("{") + 1, list, name);
            const end = start.length + (own ?? "").length;
            return `${text.slice(0, end)}, { ${name} }${text.slice(end)}`;
        },
        only(some) {
            const first = some.find((name) => name.startsWith(DEFAULT))?.slice(DEFAULT.length);
            const others = some.filter((name) => !name.startsWith(DEFAULT));
            const inside = others.length > 0 ? [`{ ${others.join(", ")} }`] : [];
            const what = [...(first === undefined ? [] : [first]), ...inside].join(", ");
            return `${start}${what} from ${module}${/;\s*$/.test(text) ? ";" : ""}`;
        },
    };
}

const REQUIRE =
    /^(\s*(?:const|let|var)\s*\{)([^{}]*)(\}\s*=\s*require\(\s*["']([^"']+)["']\s*\)\s*;?\s*)$/;
const PYTHON_FROM = /^(\s*from\s+([\w.]+)\s+import\s+\(?)([\w\s,]+)(\)?\s*)$/;
const PYTHON = /^\s*import\s+([\w.]+(?:\s+as\s+\w+)?(?:\s*,\s*[\w.]+(?:\s+as\s+\w+)?)*)\s*$/;

function required(text: string): ImportList | undefined {
    const [, before = "", list = "", behind = "", module] = REQUIRE.exec(text) ?? [];
    return module === undefined ? undefined : between("require", module, before, list, behind);
}

function python(text: string): ImportList | undefined {
    const [, before = "", module, list = "", behind = ""] = PYTHON_FROM.exec(text) ?? [];
    if (module !== undefined) return between("from", module, before, list, behind);
    const [, modules] = PYTHON.exec(text) ?? [];
    if (modules === undefined) return undefined;
    return {
        ...one("import", "", namesIn(modules)),
        withName: () => undefined,
        only: (names) => names.map((name) => `import ${name}`).join("\n"),
    };
}

/** Names between what stands before and behind them. */
function between(
    kind: string,
    module: string,
    before: string,
    list: string,
    behind: string,
): ImportList {
    const hasComment = COMMENT.test(list);
    const gap = before.endsWith("{") ? " " : "";
    return {
        ...one(kind, module, hasComment ? [] : namesIn(list)),
        withName: (name) =>
            hasComment ? undefined : withNameIn(before + list + behind, before.length, list, name),
        only: (names) => before + gap + names.join(", ") + gap + behind,
    };
}

const GO_LIST = /^(\s*import\s*\()([^()]*)\)\s*$/;
const GO_ONE = /^\s*import\s+((?:[\w.]+\s+)?(?:"[^"]+"|`[^`]+`))\s*$/;

function go(text: string): ImportList | undefined {
    const [, before = "", list] = GO_LIST.exec(text) ?? [];
    const [, single] = GO_ONE.exec(text) ?? [];
    if (list === undefined && single === undefined) return undefined;
    const lines = (list ?? single ?? "").split(/[\n;]/);
    const specs = lines.map((line) => line.replace(/(?<=^|\s)\/\/.*/, "").trim());
    const names = specs.filter((spec) => spec !== "").map((spec) => spec.replace(/\s+/g, " "));
    const only = (some: readonly string[]) =>
        some.length === 1
            ? `import ${some.join("")}`
            : ["import (", ...some.map((name) => `\t${name}`), ")"].join("\n");
    return {
        ...one("go", "", names),
        withName(name) {
            if (!list?.includes("\n")) return undefined;
            const indent = /\n([ \t]+)\S[^\n]*\s*$/.exec(list)?.[1] ?? "\t";
            return `${before}${list.trimEnd()}\n${indent}${name}\n)`;
        },
        only,
    };
}

const USE = /^(\s*(?:pub(?:\([^)]*\))?\s+)?use\s+(?:(?:function|const)\s+)?)([^;]+?)\s*;\s*$/;
const GROUP = /^([^{}]*?(?:::|\\))\s*\{([^]*)\}$/;

/** `use a::{b, c::d}` of Rust, and `use A\{B, C}` of PHP: names are whole paths. */
function paths(text: string): ImportList | undefined {
    const [, before, tree] = USE.exec(text) ?? [];
    if (before === undefined || tree === undefined) return undefined;
    const hasComment = COMMENT.test(tree);
    const [, prefix, list] = GROUP.exec(tree) ?? [];
    return {
        ...one(before.trim().replace(/\s+/g, " "), "", hasComment ? [] : leavesOf(tree)),
        withName(name) {
            if (hasComment || prefix === undefined || !name.startsWith(prefix)) return undefined;
            const rest = name.slice(prefix.length);
            const isInside = !/::|\\/.test(rest);
            return isInside ? withNameIn(text, text.indexOf("{") + 1, list ?? "", rest) : undefined;
        },
        only: (names) => names.map((name) => `${before}${name};`).join("\n"),
    };
}

function leavesOf(tree: string, prefix = ""): string[] {
    const text = tree.replace(/\s+/g, " ").trim();
    const [, own, list] = GROUP.exec(text) ?? [];
    if (own !== undefined)
        return itemsOf(list ?? "").flatMap((item) => leavesOf(item, prefix + own));
    return [text === "self" ? prefix.replace(/::$/, "") : prefix + text];
}

/** Items between the commas that are in no inner list. */
function itemsOf(list: string): string[] {
    const items = [""];
    let depth = 0;
    for (const character of list) {
        if (character === "{") depth++;
        if (character === "}") depth--;
        if (character === "," && depth === 0) items.push("");
        else items.push((items.pop() ?? "") + character);
    }
    return items.map((item) => item.trim()).filter((item) => item !== "");
}

function namesIn(list: string): string[] {
    return itemsOf(list).map((name) => name.replace(/\s+/g, " "));
}

/** Of a language in which one kind of statement is all that declares such names. */
function one(
    kind: string,
    module: string,
    names: readonly string[],
): Pick<ImportList, "kind" | "declares" | "module" | "names"> {
    return { kind, declares: [kind], module, names };
}

/** The text with one more name behind the last one of the list that begins at `start`. */
function withNameIn(text: string, start: number, list: string, name: string): string {
    const length = list.replace(/[\s,]+$/, "").length;
    const at = start + length;
    return `${text.slice(0, at)}${length === 0 ? " " : ", "}${name}${text.slice(at)}`;
}
