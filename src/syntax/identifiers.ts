/** The names around a cursor whose definitions could help: what is called, used as a type, imported or reached through a dot. */

import { childrenOf, type SyntaxNode } from "./tree";

export type IdentifierUse = "call" | "type" | "member" | "import" | "name";

export interface Identifier {
    name: string;
    /** How it is used nearest to the cursor. */
    use: IdentifierUse;
    /** Where that is. */
    offset: number;
}

/** Characters around the cursor that are looked at. */
const BEFORE = 4000;
const AFTER = 1000;
const MAX_IDENTIFIERS = 100;
/** What comes after the cursor is less likely what is being written about. */
const AFTER_WEIGHT = 2;

const NAME = /(identifier|^constant|^name|^word|^variable_name|^command_name)$/;

/** Each name once, nearest first. */
export function identifiersIn(
    root: SyntaxNode,
    { prefix, suffix }: { prefix: string; suffix: string },
): Identifier[] {
    const offset = prefix.length;
    const text = prefix + suffix;
    const from = Math.max(0, offset - BEFORE);
    const to = Math.min(text.length, offset + AFTER);
    const nearest = new Map<string, Identifier & { distance: number }>();
    const waiting = [root];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
        if (node.endIndex < from || node.startIndex > to) continue;
        if (node.childCount > 0) {
            waiting.push(...childrenOf(node));
            continue;
        }
        if (!node.isNamed || !NAME.test(node.type)) continue;
        const name = text.slice(node.startIndex, node.endIndex);
        // The word at the cursor is still being written.
        if (name.length < 2 || (node.startIndex <= offset && node.endIndex >= offset)) continue;
        const distance =
            node.endIndex < offset
                ? offset - node.endIndex
                : (node.startIndex - offset) * AFTER_WEIGHT;
        const known = nearest.get(name);
        if (known && known.distance <= distance) continue;
        nearest.set(name, { name, use: useOf(node), offset: node.startIndex, distance });
    }
    return [...nearest.values()]
        .sort((a, b) => a.distance - b.distance)
        .slice(0, MAX_IDENTIFIERS)
        .map(({ name, use, offset }) => ({ name, use, offset }));
}

const CALL = /(call|invocation|new_expression|object_creation|command)/;
const IMPORT = /(import|use_declaration|using_directive|namespace_use)/;
const MEMBER =
    /(member|attribute|selector|field_access|field_expression|scoped_identifier|qualified)/;

function useOf(node: SyntaxNode): IdentifierUse {
    for (let up = node.parent, n = 0; up && n < 4; up = up.parent, n++)
        if (IMPORT.test(up.type)) return "import";
    if (node.type === "type_identifier") return "type";
    const { parent } = node;
    if (!parent) return "name";
    if (isCalled(node, parent)) return "call";
    if (MEMBER.test(parent.type)) {
        if (parent.parent && isCalled(parent, parent.parent) && parent.endIndex === node.endIndex)
            return "call";
        return parent.endIndex === node.endIndex ? "member" : "name";
    }
    return "name";
}

/** Whether `node` is what a call calls: the first thing in it, or its name. */
function isCalled(node: SyntaxNode, call: SyntaxNode): boolean {
    if (!CALL.test(call.type) || /argument/.test(call.type)) return false;
    const called =
        call.childForFieldName("function") ??
        call.childForFieldName("name") ??
        call.childForFieldName("method") ??
        call.childForFieldName("constructor") ??
        call.childForFieldName("type");
    return called?.startIndex === node.startIndex && called.endIndex === node.endIndex;
}
