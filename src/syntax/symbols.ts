/**
 * The outline of a document: functions, classes, types and top-level values with their lines, and what of them is signature. What is
 * inside of a function is part of it.
 */

import { childrenOf, type SyntaxNode } from "./tree";

export type SymbolKind =
    "function" | "method" | "class" | "interface" | "enum" | "type" | "module" | "value";

export interface CodeSymbol {
    name: string;
    kind: SymbolKind;
    /** The symbol that it is in: `Outer.Inner`; undefined at the top level. */
    container?: string | undefined;
    /** Offsets, decorators and `export` included. */
    start: number;
    end: number;
    /** Where the signature ends: the symbol without its body; `end` when it has none. */
    signatureEnd: number;
    /** Lines from 0, both included. */
    startLine: number;
    endLine: number;
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
        /^(variable_declarator|const_(item|spec|element)|static_item|var_spec|public_field_definition|field_definition|property_declaration|assignment)$/,
    ],
];
const CONTAINERS: ReadonlySet<SymbolKind> = new Set(["class", "interface", "module"]);
/** Nodes around a symbol that belong to it. */
const WRAPPERS =
    /^(export_statement|decorated_definition|template_declaration|ambient_declaration|type_declaration|const_declaration|var_declaration|lexical_declaration|variable_declaration|expression_statement)$/;
/** A grammar's root can bear the name of a module. */
const MAX_SYMBOLS = 2000;

/** All symbols of a tree in the order of the text. */
export function symbolsIn(root: SyntaxNode, text: string): CodeSymbol[] {
    const lines = lineStarts(text);
    const found: CodeSymbol[] = [];
    const visit = (node: SyntaxNode, container: string | undefined): void => {
        for (const child of childrenOf(node)) {
            if (!child.isNamed || found.length >= MAX_SYMBOLS) continue;
            const symbol = symbolOf(child, text, container);
            if (!symbol) {
                if (!isBody(child)) visit(child, container);
                continue;
            }
            found.push({
                ...symbol,
                startLine: lineOf(lines, symbol.start),
                endLine: lineOf(lines, Math.max(symbol.start, symbol.end - 1)),
            });
            if (!CONTAINERS.has(symbol.kind)) continue;
            const path = container === undefined ? symbol.name : `${container}.${symbol.name}`;
            visit(child, path);
        }
    };
    visit(root, undefined);
    return found;
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
    return KINDS.find(([, pattern]) => pattern.test(node.type))?.[0];
}

function symbolOf(
    node: SyntaxNode,
    text: string,
    container: string | undefined,
): Omit<CodeSymbol, "startLine" | "endLine"> | undefined {
    const found = kindOf(node);
    if (!found) return undefined;
    const name = nameOf(node, text);
    if (name === undefined) return undefined;
    const value =
        found === "value"
            ? (node.childForFieldName("value") ?? node.childForFieldName("right"))
            : null;
    const isFunction =
        value !== null && /^(arrow_function|function_expression|lambda)$/.test(value.type);
    const body = bodyOf(isFunction ? value : node);
    const isMethod = container !== undefined && found === "function";
    const kind = isFunction ? "function" : isMethod ? "method" : found;
    let outer = node;
    while (outer.parent && WRAPPERS.test(outer.parent.type) && namedCount(outer.parent, node) === 1)
        outer = outer.parent;
    const bodyStart = body?.startIndex ?? outer.endIndex;
    const signature = text.slice(outer.startIndex, bodyStart).trimEnd();
    const signatureEnd = outer.startIndex + signature.length;
    const { startIndex: start, endIndex: end } = outer;
    return { name, kind, container, start, end, signatureEnd };
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

/** The name's text; a declarator of C is looked into. */
function nameOf(node: SyntaxNode, text: string): string | undefined {
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
    // `impl<'a> Counter<'a>` belongs to Counter.
    const name = text.slice(at.startIndex, at.endIndex).replace(/<.*$/s, "");
    return /^[\w$.:~#?!]{1,100}$/.test(name) ? name : undefined;
}

function lineStarts(text: string): number[] {
    const starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    return starts;
}

function lineOf(starts: readonly number[], offset: number): number {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
        const middle = (low + high) >> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle;
    }
    return low;
}
