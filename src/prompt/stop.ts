/**
 * When a suggestion is complete: looked at after each token, so that no time goes into text that nobody will see. One line, or a
 * block that ends by its indentation, at the document's next line, or at the line limit. Pure; a few hundred characters at most.
 */

import type { FilterName, StopReason } from "../protocol/engine";
import {
    indentWidth,
    isOnlyClosers,
    isSameLine,
    linePrefix,
    lineSuffix,
    nextNonBlankLine,
    opensBlock,
    scanBrackets,
} from "./lines";

export interface StopContext {
    prefix: string;
    suffix: string;
    languageId: string;
    maxLines: number;
    trigger: "automatic" | "explicit";
}

/** `line`: the rest of the cursor's line; `block`: whole lines. */
export type Shape = "line" | "block";

export interface Stop {
    /** Characters of the answer to keep. */
    length: number;
    reason: StopReason;
    /** The rule that ends it, when that is the reason. */
    filter?: FilterName | undefined;
}

/** Whole lines are suggested on blank lines and after something that opens a block; asked for explicitly, wherever they fit. */
export function shapeOf(context: StopContext): Shape {
    if (context.maxLines <= 1 || !isOnlyClosers(lineSuffix(context.suffix))) return "line";
    const before = linePrefix(context.prefix);
    if (before.trim() === "" || opensBlock(before, context.languageId)) return "block";
    return context.trigger === "explicit" ? "block" : "line";
}

/** Whether `text`, the answer so far, is complete. Only lines that are finished (followed by a newline) are judged. */
export function findStop(text: string, context: StopContext): Stop | undefined {
    const lines = text.split("\n");
    const finished = lines.slice(0, -1);
    if (finished.length === 0) return undefined;
    const first = finished.findIndex((line) => line.trim() !== "");
    const fitsLines = isOnlyClosers(lineSuffix(context.suffix));
    if (!fitsLines) return { length: lines[0]?.length ?? 0, reason: "max-lines" };
    if (first < 0) return finished.length > 4 ? { length: 0, reason: "scope-end" } : undefined;
    const scope = new Scope(context);
    let length = 0;
    for (const [i, line] of finished.entries()) {
        const verdict = scope.next(line, i);
        if (verdict === "before") return { length: Math.max(0, length - 1), reason: "scope-end" };
        length += line.length + 1;
        if (verdict === "after") return { length: length - 1, reason: "scope-end" };
        if (i - first + 1 >= context.maxLines) return { length: length - 1, reason: "max-lines" };
    }
    return undefined;
}

/** Follows the lines of an answer and says at which one its scope ends. */
class Scope {
    private base = 0;
    private header = false;
    private hasBody = false;
    private text = "";
    private started = false;
    private readonly next_: string | undefined;
    private readonly shape: Shape;

    constructor(private readonly context: StopContext) {
        this.next_ = nextNonBlankLine(context.suffix);
        this.shape = shapeOf(context);
    }

    /** `before`: the answer ends before this line; `after`: with it. */
    next(line: string, i: number): "before" | "after" | "on" {
        const whole = i === 0 ? linePrefix(this.context.prefix) + line : line;
        if (i > 0 && this.next_ !== undefined && isSameLine(line, this.next_)) return "before";
        this.text += `${line}\n`;
        if (line.trim() === "") return this.blank();
        if (!this.started) return this.start(whole, i);
        const indent = indentWidth(line);
        if (indent > this.base) {
            this.hasBody = true;
            return "on";
        }
        if (indent < this.base) return "before";
        const closes = /^\s*([)\]}]|end\b|else\b|elif\b|except\b|finally\b|catch\b)/.test(line);
        if (!closes) return this.header ? "before" : this.atBase(whole);
        if (opensBlock(line, this.context.languageId)) {
            this.header = true;
            return "on";
        }
        return "after";
    }

    private start(whole: string, i: number): "after" | "on" {
        this.started = true;
        const before = linePrefix(this.context.prefix);
        this.base = indentWidth(i === 0 || before.trim() === "" ? whole : before);
        const opened = i > 0 && opensBlock(before, this.context.languageId);
        if (opened && indentWidth(whole) > indentWidth(before)) this.hasBody = true;
        this.header = opened || opensBlock(whole, this.context.languageId);
        return this.shape === "line" && !this.header ? "after" : "on";
    }

    private atBase(whole: string): "on" {
        this.header = opensBlock(whole, this.context.languageId);
        this.hasBody = false;
        return "on";
    }

    /** A blank line ends a paragraph when nothing is left open. */
    private blank(): "after" | "on" | "before" {
        if (!this.started || (this.header && !this.hasBody)) return "on";
        return scanBrackets(this.text).open.length === 0 ? "before" : "on";
    }
}
