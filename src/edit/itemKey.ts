/**
 * What a line, or a block by its first line, is called: by that one that an answer shows is found among those of the file. A number, a
 * condition or a value can change and it is still the same; another name, another text in quotes or another entry is another one. Pure.
 */

import { isImport } from "./outline";
import { squeezed } from "./similar";

const MODIFIERS =
    /^(?:(?:export|default|public|private|protected|internal|static|async|override|abstract|final|readonly|pub(?:\([^)]*\))?|unsafe|virtual|inline|declare|await)\s+)+/;
const DEFINITION =
    /^(class|struct|interface|trait|enum|impl|type|module|namespace|object|record|function\b\*?|def|fn|func|fun|sub)\s+(?:\([^)]*\)\s*)?([^\s({:<=]+(?:\s+for\s+[^\s{]+)?)/;
const CONDITION = /^(?:if|for|while|switch|match|with|try|do|unless|until|loop|foreach)\b/;
const END = /^(?:return|throw|raise)\b/;
const CASE = /^(?:case\b.*?:(?=\s|$)|default\b)/;
const ENTRY = /^["']?([\w$.@/-]+)["']?\??\s*:(?=\s|$)/;
const ASSIGNMENT =
    /^(?:(?:const|let|var|val|mut|auto)\s+)*([^=("'`]+?)(?:(?:\+\+|--);?$|(?:\s*:\s[^=]+)?\s*[-+*/|&:?]?=(?![=>]))/;
const CALL =
    /^([^(="'`{]*?)([\w$#]+)\s*(?:<[^()]*>)?\(\s*("[^"]*"|'[^']*'|`[^`]*`|[A-Za-z_$][\w$.]*)?/;
const JAVA_FIELD = /^[\w<>[\], .?]+\s+(\w+);$/;
const GO_FIELD = /^([A-Z][a-z]\w*)\s+[\w.*[\]]+(?:\s+`.*`)?$/;
const VERSION = /\s*(?:[@<>~^!]|==)=?\s*v?\d[\w.]*["']?,?$/;

export function keyOf(line: string): string {
    const text = squeezed(line);
    if (isImport(text)) return text;
    if (CONDITION.test(text)) return tokensOf(text);
    const end = END.exec(text) ?? CASE.exec(text);
    if (end) return end[0];
    const bare = text.replace(MODIFIERS, "");
    const [, kind, name] = DEFINITION.exec(bare) ?? [];
    if (kind !== undefined) return `${kind} ${name ?? ""}`;
    const [, entry] = ENTRY.exec(bare) ?? [];
    if (entry !== undefined) return `${entry}:`;
    const [, left] = ASSIGNMENT.exec(bare) ?? [];
    if (left !== undefined) return `= ${/[{[]/.test(left) ? left : left.replace(/^.*\s/, "")}`;
    return callKey(bare) ?? fieldKey(bare) ?? text.replace(VERSION, "").replace(/[,{\s]+$/, "");
}

/** Whether several different blocks can have this key side by side. */
export function isNameless(key: string): boolean {
    return /^(?:try|do|loop|unsafe)$|\($/.test(key);
}

/** Names and texts in quotes, not what they are compared with. */
function tokensOf(text: string): string {
    return (text.match(/"[^"]*"|'[^']*'|`[^`]*`|[A-Za-z_$][\w$]*/g) ?? []).join(" ");
}

/** A method by its name, a call by what it is given first as well. */
function callKey(text: string): string | undefined {
    const [, before = "", name, given = ""] = CALL.exec(text) ?? [];
    if (name === undefined) return undefined;
    const isCall =
        /=>|\bfunction\b/.test(text) ||
        (!/\{$|\)\s*[\w:<>, ?[\]|&]*\{.*\}$/.test(text) && !/\w\s+$/.test(before));
    const accessor = /^(?:get|set)\s/.exec(before)?.[0] ?? "";
    return isCall ? `${before}${name}(${given}` : `${accessor}${name}()`;
}

function fieldKey(text: string): string | undefined {
    const name = (JAVA_FIELD.exec(text) ?? GO_FIELD.exec(text))?.[1];
    return name === undefined ? undefined : `= ${name}`;
}
