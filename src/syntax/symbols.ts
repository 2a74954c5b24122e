/**
 * The outline of a text: functions, classes, types and top-level values with their lines, and what of them is their header. What is
 * inside of a function is part of it.
 */

import { childrenOf, lineAt, lineStarts, type SyntaxNode } from "./tree";

export type SymbolKind =
    "function" | "method" | "class" | "interface" | "enum" | "type" | "module" | "value";

/** Lines are zero-based, and both ends included. */
export interface CodeSymbol {
    name: string;
    kind: SymbolKind;
    /** The symbol that it is in: `Outer.Inner`; undefined at the top level. */
    container?: string | undefined;
    /** Decorators and `export` included. */
    first: number;
    last: number;
    /** Where the name stands. */
    line: number;
    /** The last line of what stands before the body; `last` when there is none. */
    header: number;
}

/** Kinds by what the grammars call their nodes; the first that fits. */
const KINDS: readonly [SymbolKind, RegExp][] = [
    [
        "method",
        /^(method(_declaration|_definition|_signature)?|singleton_method|(compact_)?constructor_declaration|destructor_declaration|operator_declaration|abstract_method_signature|function_signature_item)$/,
    ],
    [
        "function",
        /^((generator_)?function_(declaration|definition|item|signature)|local_function_statement|macro_definition)$/,
    ],
    [
        "class",
        /^((abstract_)?class(_declaration|_definition|_specifier)?|struct(_item|_specifier|_declaration)|record_declaration|union_(item|specifier))$/,
    ],
    [
        "interface",
        /^(interface_declaration|trait_(item|declaration)|annotation_type_declaration|delegate_declaration)$/,
    ],
    ["enum", /^enum_(declaration|item|specifier)$/],
    [
        "type",
        /^(type_(alias_declaration|item|definition|spec|alias|alias_statement)|alias_declaration)$/,
    ],
    ["module", /^(module|internal_module|namespace_(definition|declaration)|mod_item|impl_item)$/],
    [
        "value",
        /^(variable_declarator|const_(item|spec|element)|static_item|var_spec|public_field_definition|field_definition|property_declaration|assignment(_expression)?)$/,
    ],
];
/** Kinds of the types that were met; grammars have some hundreds. */
const KNOWN = new Map<string, SymbolKind | undefined>();
const CONTAINERS: ReadonlySet<SymbolKind> = new Set(["class", "interface", "module"]);
/** Nodes around a symbol that belong to it. */
const WRAPPERS =
    /^(export_statement|decorated_definition|template_declaration|ambient_declaration|type_declaration|const_declaration|var_declaration|lexical_declaration|variable_declaration|expression_statement)$/;
/** Nodes in which no symbols are: most of a text. */
const LEAVES =
    /((?<!assignment)_expression|_type|annotation|parameters|arguments|comment|string|identifier|signature|pattern|clause|literal|^call|^jsx_\w+)$/;
/** A grammar's root can bear the name of a module. */
const MAX_SYMBOLS = 2000;

/** All symbols of a tree in the order of the text. */
export function symbolsIn(root: SyntaxNode, text: string): CodeSymbol[] {
    return [...symbolSteps(root, text)].filter((symbol) => symbol !== undefined);
}

/** The same in small steps, most of which find nothing: whoever takes them can do something else in between. */
export function* symbolSteps(
    root: SyntaxNode,
    text: string,
): Generator<CodeSymbol | undefined, void> {
    const lines = lineStarts(text);
    let left = MAX_SYMBOLS;
    const waiting: { node: SyntaxNode; container: string | undefined }[] = [];
    const wait = (node: SyntaxNode, container: string | undefined) => {
        const inner = childrenOf(node).filter(({ isNamed }) => isNamed);
        for (const child of inner.reverse()) waiting.push({ node: child, container });
    };
    wait(root, undefined);
    for (let next = waiting.pop(); next && left > 0; next = waiting.pop()) {
        const { node, container } = next;
        const symbol = symbolOf(node, { text, lines, container });
        yield symbol;
        if (symbol) {
            left--;
            if (!CONTAINERS.has(symbol.kind)) continue;
            wait(node, container === undefined ? symbol.name : `${container}.${symbol.name}`);
        } else if (!LEAVES.test(node.type) && !isBody(node)) wait(node, container);
    }
}

/** Bodies of functions that are no symbols themselves, such as those of callbacks. */
function isBody({ type, parent }: SyntaxNode): boolean {
    return (
        /^(arrow_function|function_expression|lambda\w*|func_literal|closure_expression|do_block)$/.test(
            type,
        ) ||
        (/^(block|statement_block|compound_statement|body_statement)$/.test(type) &&
            kindOf(parent) === "function")
    );
}

function kindOf(node: SyntaxNode | null): SymbolKind | undefined {
    if (!node?.parent) return undefined;
    const { type } = node;
    if (!KNOWN.has(type)) KNOWN.set(type, KINDS.find(([, pattern]) => pattern.test(type))?.[0]);
    return KNOWN.get(type);
}

interface Surrounding {
    text: string;
    /** Offsets at which its lines begin. */
    lines: readonly number[];
    container: string | undefined;
}

function symbolOf(
    node: SyntaxNode,
    { text, lines, container }: Surrounding,
): CodeSymbol | undefined {
    const found = kindOf(node);
    const name = found && nameOf(node, text);
    if (!name) return undefined;
    const value =
        found === "value"
            ? (node.childForFieldName("value") ?? node.childForFieldName("right"))
            : null;
    const isFunction =
        value !== null && /^(arrow_function|function_expression|lambda)$/.test(value.type);
    const body = bodyOf(isFunction ? value : node);
    const isMethod = container !== undefined && found === "function";
    let outer = node;
    while (outer.parent && WRAPPERS.test(outer.parent.type) && namedCount(outer.parent, node) === 1)
        outer = outer.parent;
    const bodyStart = body?.startIndex ?? outer.endIndex;
    const headerEnd = text.slice(outer.startIndex, bodyStart).trimEnd().length;
    const at = (offset: number) => lineAt(lines, offset);
    return {
        name: name.text,
        kind: isFunction ? "function" : isMethod ? "method" : found,
        container,
        first: at(outer.startIndex),
        last: at(Math.max(outer.startIndex, outer.endIndex - 1)),
        line: at(name.start),
        header: at(outer.startIndex + Math.max(0, headerEnd - 1)),
    };
}

/** Symbols that share a wrapper keep to themselves. */
function namedCount(wrapper: SyntaxNode, node: SyntaxNode): number {
    return (
        childrenOf(wrapper).filter(
            (child) =>
                child.startIndex === node.startIndex ||
                (child.isNamed && kindOf(child) !== undefined),
        ).length || 1
    );
}

function bodyOf(node: SyntaxNode): SyntaxNode | undefined {
    const body = node.childForFieldName("body");
    if (body) return body;
    return childrenOf(node).find(({ type }) =>
        /^(block|class_body|declaration_list|field_declaration_list|enum_body|enumerator_list|body_statement|constructor_body)$/.test(
            type,
        ),
    );
}

/** The name and where it stands; a declarator of C is looked into. */
function nameOf(node: SyntaxNode, text: string): { text: string; start: number } | undefined {
    let at =
        node.childForFieldName("name") ??
        node.childForFieldName("declarator") ??
        node.childForFieldName("left") ??
        node.childForFieldName("type");
    for (
        let next = at?.childForFieldName("declarator");
        next;
        next = next.childForFieldName("declarator")
    )
        at = next;
    if (!at) return undefined;
    const { startIndex: start, endIndex } = at;
    const whole = text.slice(start, endIndex);
    // Of all that is assigned to, only what another file can use is a symbol.
    const name =
        node.type === "assignment_expression"
            ? EXPORTED.exec(whole)?.[1]
            : // `impl<'a> Counter<'a>` belongs to Counter.
              whole.replace(/<.*$/s, "");
    return name !== undefined && /^[\w$.:~#?!]{1,100}$/.test(name)
        ? { text: name, start }
        : undefined;
}

/** The older ways of JavaScript. */
const EXPORTED = /^(?:(?:module\.)?exports|[\w$]+\.prototype)\.([\w$]+)$/;
