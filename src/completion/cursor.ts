/** What is asked of a document and its cursor before anything else: its line ends, and where in a line the cursor is. Pure. */

import { endsStatement } from "../prompt/statement";
import type { Syntax } from "../syntax/syntax";
import type { CompletionDocument } from "./request";

/** The model and every comparison see `\n` only; the editor restores its own line ends on insertion. */
export function normalized(document: CompletionDocument): CompletionDocument {
    if (!document.prefix.includes("\r") && !document.suffix.includes("\r")) return document;
    return {
        ...document,
        prefix: document.prefix.replace(/\r\n?/g, "\n"),
        suffix: document.suffix.replace(/\r\n?/g, "\n"),
    };
}

/** Nothing but indentation before the cursor: what is written next may need other things. */
export function isLineStart({ prefix }: CompletionDocument): boolean {
    return prefix.slice(prefix.lastIndexOf("\n") + 1).trim() === "";
}

/** Whether only a new line can follow: by the grammar where there is a tree. */
export function isAtEnd(document: CompletionDocument, syntax: Syntax | undefined): boolean {
    return endsStatement(document, () => syntax?.rule(document));
}
