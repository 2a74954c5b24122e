/** The symbols of documents and of code in answers: by the grammar, else by indentation. */

import { setImmediate } from "node:timers/promises";
import type { TextDocument } from "vscode";
import { insideClass, membersOf } from "../../edit/members";
import { partsByIndentation, partsOf, type Part } from "../../edit/outline";
import type { Syntax } from "../../syntax/syntax";

/** Looks at a tree that is not parsed yet, between other work. */
const MAX_LOOKS = 200;

export class Outlines {
    constructor(private readonly syntax: Pick<Syntax, "prepare" | "symbols">) {}

    ofDocument(document: TextDocument): Promise<Part[]> {
        const { uri, languageId } = document;
        return this.of(uri.toString(), languageId, linesOf(document).join("\n"));
    }

    /** `parts`: of the file that the code is for. */
    async ofCode(languageId: string, code: string, parts: readonly Part[]): Promise<Part[]> {
        const inside = insideClass(languageId, code, parts);
        const members =
            inside === undefined
                ? undefined
                : membersOf(await this.of("ingot-apply:/members", languageId, inside), code);
        return members ?? this.of("ingot-apply:/code", languageId, code);
    }

    private async of(uri: string, languageId: string, text: string): Promise<Part[]> {
        const { syntax } = this;
        const lines = text.split("\n");
        if (!(await syntax.prepare(languageId))) return partsByIndentation(lines);
        for (let looks = 0; looks < MAX_LOOKS; looks++) {
            const symbols = syntax.symbols({ uri, languageId, prefix: text, suffix: "" });
            if (symbols) return partsOf(lines, symbols);
            await setImmediate();
        }
        return partsByIndentation(lines);
    }
}

export function linesOf(document: TextDocument): string[] {
    return document.getText().split(/\r\n|\r|\n/);
}
