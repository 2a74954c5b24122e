/** Where a JSON value ends in a text that still grows: by its brackets and strings, each character looked at once. */

export class JsonScanner {
    private next: number | undefined;
    private depth = 0;
    private isInString = false;
    private lastString = -1;
    private isEscaped = false;

    /** Where the string began in which the text that was looked at ends; -1: it ends in none. */
    get stringStart(): number {
        return this.isInString ? this.lastString : -1;
    }

    /** The place behind the object or list that begins at `start`; -1: not yet there. The text may only have grown since the last call. */
    end(text: string, start: number): number {
        let at = this.next ?? start;
        for (; at < text.length; at++) {
            const c = text[at];
            if (this.isEscaped) this.isEscaped = false;
            else if (this.isInString) {
                if (c === "\\") this.isEscaped = true;
                if (c === '"') this.isInString = false;
            } else if (c === '"') {
                this.isInString = true;
                this.lastString = at;
            } else if (c === "{" || c === "[") this.depth++;
            else if ((c === "}" || c === "]") && --this.depth === 0) return at + 1;
        }
        this.next = at;
        return -1;
    }
}
