/** Whether a statement is complete at the cursor, by the tree of the text around it. Where the code is broken there, the words decide. */

import { canEndStatement, endsByWords, type StatementPlace } from "../prompt/statement";
import type { SyntaxNode } from "./tree";

/** What holds statements or members, one after the other. */
const BODIES: ReadonlySet<string> = new Set(
    (
        "program module source_file translation_unit compilation_unit stylesheet statement_list statement_block block compound_statement " +
        "class_body interface_body enum_body constructor_body object_type declaration_list field_declaration_list enum_body_declarations " +
        "body_statement block_body do_group then else do begin ensure colon_block subshell global_statement switch_case switch_default " +
        "switch_section switch_block_statement_group expression_case type_case default_case communication_case case_statement default_statement"
    ).split(" "),
);
const LOOP = /^(for|c_style_for)/;
/** What has a body, or is only said to have one; without it, and without a semicolon, it is about to get one. */
const HAS_BODY = /(signature|function_declaration|method_declaration|method_elem|method_spec)/;
/** Where a call without its semicolon is an error, and the error says so. */
const NEEDS_SEMICOLON: ReadonlySet<string> = new Set(["java", "c", "cpp", "csharp", "php"]);
/** Names that begin a header as soon as something follows the bracket: `match (a)`, `async (a)`. */
const BEGINS_HEADER = /^(match|case|async)\s*\([^()]*\)$/;
/** Parameters of a function without a name, or an expression in brackets: which of them is known only afterwards. */
const PARAMETERS = /^\([\w\s,.$:?]*\)$/;

export function isAfterStatement(place: StatementPlace, root: SyntaxNode): boolean {
    if (!canEndStatement(place)) return false;
    const { prefix } = place;
    const at = prefix.length;
    const token = root.descendantForIndex(at - 1, at);
    if (token?.endIndex !== at) return false;
    const ends = token.type === ";" ? endsWithSemicolon(token) : endsAt(token, prefix);
    if (ends !== undefined) return ends;
    const isBracket = token.type === ")" || token.type === "]";
    return !(isBracket && NEEDS_SEMICOLON.has(place.languageId)) && endsByWords(place);
}

/** Undefined: the code is broken there. */
function endsWithSemicolon(token: SyntaxNode): boolean | undefined {
    const around = [token.parent, token.parent?.parent];
    if (around.some((node) => LOOP.test(node?.type ?? ""))) return false;
    return around.some((node) => node?.isError) ? undefined : true;
}

/** Whether something whole that stands in a body ends with `token`, and lacks nothing. Undefined: the code is broken there. */
function endsAt(token: SyntaxNode, prefix: string): boolean | undefined {
    const at = token.endIndex;
    for (let node: SyntaxNode | null = token; node?.endIndex === at; node = node.parent) {
        if (node.isError || node.parent?.isError) return undefined;
        // A semicolon, say, that its language cannot do without.
        if (node.lastChild?.isMissing) return false;
        const text = prefix.slice(node.startIndex);
        if (HAS_BODY.test(node.type) && !node.childForFieldName("body")) return false;
        if (BEGINS_HEADER.test(text) || mayBeParameters(node, text)) return false;
        if (node.isNamed && node.parent && BODIES.has(node.parent.type)) return true;
    }
    return false;
}

function mayBeParameters({ type, parent }: SyntaxNode, text: string): boolean {
    return (
        type === "parenthesized_expression" &&
        parent?.type !== "do_statement" &&
        PARAMETERS.test(text)
    );
}
