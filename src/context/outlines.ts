/** Outlines of files that nobody writes in, each made once: by the grammar of their language, else by indentation. */

import { languageOf } from "../syntax/languages";
import type { Syntax } from "../syntax/syntax";
import { Outline } from "./outline";

export class Outlines {
    /** By the lines of a file, which are the same array as long as the file is the same. */
    private readonly known = new WeakMap<readonly string[], Promise<Outline>>();

    constructor(private readonly syntax: Pick<Syntax, "outline"> | undefined) {}

    /** `path`: tells the language. Never rejects. */
    of({ path, lines }: { path: string; lines: readonly string[] }): Promise<Outline> {
        const known = this.known.get(lines);
        if (known) return known;
        const outline = this.make(path, lines);
        this.known.set(lines, outline);
        return outline;
    }

    private async make(path: string, lines: readonly string[]): Promise<Outline> {
        const text = lines.join("\n");
        const symbols = await this.syntax?.outline({ languageId: languageOf(path), text });
        return new Outline(lines, symbols);
    }
}
