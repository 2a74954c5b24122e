/** Where a JSON value ends in a text that still grows: by its brackets and strings, each character looked at once. */

export class JsonScanner {
    private next: number | undefined;
    private depth = 0;
    private isInString = false;
    private isEscaped = false;

    /** The place behind the object or list that begins at `start`; -1: not yet there. The text may only have grown since the last call. */
    end(text: string, start: number): number {
        let at = this.next ?? start;
        for (; at < text.length; at++) {
            const c = text[at];
            if (this.isEscaped) this.isEscaped = false;
            else if (this.isInString) {
                if (c === "\\") this.isEscaped = true;
                if (c === '"') this.isInString = false;
            } else if (c === '"') this.isInString = true;
            else if (c === "{" || c === "[") this.depth++;
            else if ((c === "}" || c === "]") && --this.depth === 0) return at + 1;
        }
        this.next = at;
        return -1;
    }
}
