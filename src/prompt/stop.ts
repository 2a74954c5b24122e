/**
 * When a suggestion is complete: looked at after each token, so that no time goes into text that nobody will see. One line, or a
 * block that ends by its indentation, at the document's next line, or at the line limit. Pure; a few hundred characters at most.
 */

import type { FilterName, SyntaxRule } from "../protocol/completion";
import type { StopReason } from "../protocol/generation";
import {
    closesBlock,
    indentWidth,
    isOnlyClosers,
    isSameLine,
    linePrefix,
    lineSuffix,
    missingCloserIndent,
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
    /** What the grammar says; it goes before what the lines look like. */
    syntax?: SyntaxRule | undefined;
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
    if (context.syntax?.lines === "one") return "line";
    if (context.syntax?.lines === "several") return "block";
    const before = linePrefix(context.prefix);
    if (before.trim() === "" || opensBlock(before, context.languageId)) return "block";
    return context.trigger === "explicit" ? "block" : "line";
}

/** Whether `text`, the answer so far, is complete. Only lines that are finished (followed by a newline) are judged. */
export function findStop(text: string, context: StopContext): Stop | undefined {
    if (isMisplaced(text, context)) return { length: 0, reason: "scope-end" };
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

/**
 * Whether an answer goes on in the line of a statement that is complete, with anything but a comment. A semicolon is final; behind a
 * bracket there can be more (`.then()`) for who asks for it.
 */
export function isMisplaced(text: string, { syntax, prefix, trigger }: StopContext): boolean {
    if (syntax?.at !== "after-statement" || !/^[ \t]*[^\s/#]/.test(text)) return false;
    return trigger === "automatic" || prefix.endsWith(";");
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
        const closes = closesBlock(line);
        if (indent < this.base) return closes && this.isMissing(line) ? "after" : "before";
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
        const { syntax } = this.context;
        // Text has no blocks; code on one line stays there, if it has not gone on to the next one by itself.
        if (syntax?.lines === "one" && (i === 0 || syntax.at !== "code")) return "after";
        const opened = i > 0 && opensBlock(before, this.context.languageId);
        if (opened && indentWidth(whole) > indentWidth(before)) this.hasBody = true;
        this.header = opened || opensBlock(whole, this.context.languageId);
        return this.shape === "line" && !this.header ? "after" : "on";
    }

    /** Whether the document lacks the closer that a line begins with. */
    private isMissing(line: string): boolean {
        const { prefix, suffix, languageId } = this.context;
        if (opensBlock(line, languageId)) return false;
        return missingCloserIndent(prefix, suffix, languageId) === indentWidth(line);
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
