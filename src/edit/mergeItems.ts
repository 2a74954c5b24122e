/**
 * An answer that leaves parts out, put into the original item by item: one that both have is replaced where it stands, what is left out
 * stays, and one that is new is put between. Which one is which is said by its first line, never by how it looks. Pure.
 */

import { align, type Aligned } from "./alignment";
import { hasElisions } from "./elision";
import { commentsKept } from "./head";
import { itemsOf, sectionsOf, type Item } from "./items";
import { isNameless, keyOf } from "./itemKey";
import { isCommentAbove, isImport } from "./outline";
import { areSame, isOneOf, similarity, squeezed } from "./similar";

interface Entry extends Item {
    /** Its first line; where that is a bracket alone, with what is behind it. */
    title: string;
    key: string;
    /** What it is one of: its first word. */
    kind: string;
    /** What it costs that it takes in one of the original's items. */
    filling?: number;
}

interface Step extends Pick<Aligned, "step"> {
    /** Of the answer, and of the original. */
    own?: Entry | undefined;
    old?: Entry | undefined;
}

interface Block {
    lines: readonly string[];
    /** Of the answer alone. */
    isNew: boolean;
}

/** Costs, in items. One that the original has is rather meant to be that one. */
const CHANGED = 0.3;
const REPEATED = 5;
/** So little that it only says which of several places is nicer. */
const NICER = 0.001;
/** Where nothing is left out beside them, lines so alike are one that was changed. */
const MIN_SIMILARITY = 0.6;
/** What is done as before can have another condition. */
const CONDITION = /^(?:if|for|while|with|switch|match)$/;

/** Undefined: it is not made of items; none: they have nothing to do with the original's. `isPart`: what stands around it is not shown. */
export function mergeItems(
    original: readonly string[],
    answer: readonly string[],
    isPart: boolean,
): string[] | undefined {
    const old = entriesOf(original);
    const own = entriesOf(answer);
    if (!old || !own) return undefined;
    if (old.length === 1 && own.length === 1 && old[0] && own[0] && !own[0].isMarker) {
        // A part of the file that is known to be the one that is meant, or all of it.
        const isAll = squeezed(old[0].lines[0] ?? "") === squeezed(own[0].lines[0] ?? "");
        if (!isPart || isAll) return mergePair(old[0], own[0]);
    }
    const isKnown = (one: Entry) =>
        !one.isMarker && old.some(({ key, kind }) => key === one.key || kind === one.kind);
    return own.some(isKnown) ? mergeLevel(old, own, { isPart }) : [];
}

function entriesOf(lines: readonly string[]): Entry[] | undefined {
    return itemsOf(lines)?.map((item) => {
        const end = item.lines.findIndex((line) => /\w/.test(line)) + 1;
        const title = squeezed(item.lines.slice(0, Math.max(1, end)).join(" "));
        const kind = /^(?:[\w$][\w$.]*|\S)/.exec(title)?.[0] ?? "";
        return { ...item, title, key: keyOf(title), kind };
    });
}

function mergeLevel(
    old: readonly Entry[],
    own: readonly Entry[],
    { isPart = false, head = "" }: { isPart?: boolean; head?: string },
): string[] | undefined {
    const isMarked = own.some(({ isMarker }) => isMarker);
    const isOpen = isMarked || isPart;
    // Who leaves out something leaves it out at the ends as well; inside of a block, what is new at its end is rather meant to be there.
    const filling = isPart ? 0 : 10 * NICER;
    const edge: Entry = {
        lead: [],
        lines: [],
        isMarker: true,
        title: "",
        key: "",
        kind: "",
        filling,
    };
    const steps = moved(stepsOf(old, isOpen ? [edge, ...own, edge] : own, isOpen));
    const blocks: Block[] = [];
    for (const one of steps) {
        const block = blockOf(one, isMarked);
        if (!block) return undefined;
        if (block.lines.length > 0) blocks.push(block);
    }
    return joined(blocks, styleOf(old, head));
}

/** What a step leaves in the text, without lines where it is nothing; undefined: it is not clear. */
function blockOf({ step, own, old }: Step, isMarked: boolean): Block | undefined {
    // Whole blocks are not meant to go where it is only not said that they stay.
    const stays = step === "filled" || (step === "removed" && !isMarked && isBlock(old));
    if (stays && old) return { lines: textOf(old), isNew: false };
    if (step === "inserted" && own)
        return hasElisions(own.lines) ? undefined : { lines: textOf(own), isNew: true };
    if (step !== "same" || !own || !old) return { lines: [], isNew: false };
    const lines = mergePair(old, own);
    return lines && { lines, isNew: false };
}

function isBlock(entry: Entry | undefined): boolean {
    return (entry?.lines.length ?? 0) > 1;
}

function textOf({ lead, lines }: Item): string[] {
    return [...lead, ...lines];
}

function mergePair(old: Entry, own: Entry): string[] | undefined {
    const lead = leadInstead(old, own);
    if (!hasElisions(own.lines)) return [...lead, ...withComma(own.lines, old.lines)];
    const sections = { old: sectionsOf(old), own: sectionsOf(own) };
    if (sections.old.length !== sections.own.length) return undefined;
    const lines = [...lead];
    for (const [i, { head, body }] of sections.own.entries()) {
        const before = sections.old[i]?.body ?? [];
        const merged = hasElisions(body) ? mergeBody(before, body, head.at(-1) ?? "") : body;
        if (!merged) return undefined;
        lines.push(...head, ...merged);
    }
    return withComma(lines, old.lines);
}

function mergeBody(
    old: readonly string[],
    own: readonly string[],
    head: string,
): string[] | undefined {
    const entries = { old: entriesOf(old), own: entriesOf(own) };
    return entries.old && entries.own && mergeLevel(entries.old, entries.own, { head });
}

/** What stands above an item that is replaced: as the answer has it, or as it was. What is parted from it by an empty line stays. */
function leadInstead(old: Entry, own: Entry): string[] {
    if (!own.lead.some(isText)) return [...old.lead];
    const at = old.lead.findLastIndex((line) => !isText(line)) + 1;
    const above = old.lead.slice(0, at);
    const isAbove = isOneOf(above);
    const shown = own.lead.filter((line) => isText(line) && !isAbove(line));
    const isDecorator = (line: string) => /^\s*(?:@|#\[)/.test(line);
    const isComment = (line: string) => !isDecorator(line);
    const beside = old.lead.slice(at);
    const isAll = areSame(own.lines, old.lines);
    return [
        ...above,
        ...commentsKept(beside.filter(isComment), shown.filter(isComment), isAll),
        ...shown,
        ...(shown.some(isDecorator) ? [] : beside.filter(isDecorator)),
    ];
}

/** The comma that it had, which the last one of a list that is shown often has not. */
export function withComma(lines: readonly string[], old: readonly string[]): string[] {
    return old.at(-1)?.trimEnd().endsWith(",") ? closedBy(lines, ",") : [...lines];
}

function closedBy(lines: readonly string[], end: string): string[] {
    const last = (lines.at(-1) ?? "").trimEnd();
    return last.endsWith(end) || last === "" || /[;{]$/.test(last)
        ? [...lines]
        : [...lines.slice(0, -1), last + end];
}

/** What becomes of each, at the least cost. */
function stepsOf(old: readonly Entry[], own: readonly Entry[], isMarked: boolean): Step[] {
    const keys = new Set(old.map(({ key }) => key));
    const inserting = (i: number, k: number) => {
        const one = own[i];
        if (!one) return Infinity;
        const isLikeLast = old[k - 1]?.kind === one.kind;
        const isLikeNext = old[k]?.kind === one.kind;
        const isDead = /^(?:return|throw|raise)$/.test(old[k - 1]?.kind ?? "");
        const place = (isLikeLast ? 0 : 2) + (isLikeNext ? 1 : 0) + (isDead ? 20 : 0);
        return (keys.has(one.key) && isNamed(one) ? REPEATED : 1) + place * NICER;
    };
    const pair = (i: number, k: number) => {
        const [one, present] = [own[i], old[k]];
        return one && present ? pairCost(one, present, isMarked) : Infinity;
    };
    return align(own.length, old.length, {
        pair,
        inserting,
        isMarker: (i) => own[i]?.isMarker === true,
        filling: (i) => own[i]?.filling ?? 0,
    }).map((step) => ({
        step: step.step,
        own: step.own === undefined ? undefined : own[step.own],
        old: step.old === undefined ? undefined : old[step.old],
    }));
}

function pairCost(own: Entry, old: Entry, isMarked: boolean): number {
    if (own.isMarker) return Infinity;
    const known = shareKnown(own, old);
    const isSameKey = own.key === old.key && !(known === 0 && isNameless(own.key));
    if (own.title === old.title && isSameKey) return CHANGED * (1 - known);
    if (own.lines.length === 0 || old.lines.length === 0) return Infinity;
    if (isSameKey || (isImport(own.title) && hasAllWords(own.title, old.title))) return CHANGED;
    const isAlike = isMarked
        ? own.kind === old.kind && CONDITION.test(own.kind) && isBlock(own) && known === 1
        : similarity(own.title, old.title) >= MIN_SIMILARITY;
    return isAlike ? CHANGED + 0.1 : Infinity;
}

function isNamed({ key }: Entry): boolean {
    return /\w/.test(key) && !isNameless(key);
}

/** How much of what is in a block is in the other one. */
function shareKnown(own: Entry, old: Entry): number {
    const words = own.lines
        .slice(1, -1)
        .filter((line) => /\w/.test(line) && !/^\s*[\])}]/.test(line));
    if (words.length === 0 || hasElisions(words)) return 1;
    return words.filter(isOneOf(old.lines)).length / words.length;
}

/** An import of more names. */
function hasAllWords(written: string, present: string): boolean {
    const words = new Set(written.match(/[\w$./-]+/g));
    return (present.match(/[\w$./-]+/g) ?? []).every((word) => words.has(word));
}

/** Items in another order than the original has them: they are put where those stand. */
function moved(steps: readonly Step[]): Step[] {
    const result = [...steps];
    for (const one of steps) {
        if (one.step !== "inserted" || !one.own || !isNamed(one.own)) continue;
        const { key } = one.own;
        const found = result.filter(({ step, old }) => step === "filled" && old?.key === key);
        const at = found[0] && result.indexOf(found[0]);
        if (found.length !== 1 || at === undefined) continue;
        result[at] = { step: "same", own: one.own, old: found[0]?.old };
        result.splice(result.indexOf(one), 1);
    }
    return result;
}

interface Style {
    /** Items end with commas, but for the last one. */
    isList: boolean;
    hasLastComma: boolean;
    /** Empty lines between blocks. */
    blank: readonly string[];
}

function joined(blocks: readonly Block[], { isList, hasLastComma, blank }: Style): string[] {
    let result: string[] = [];
    for (const [i, { lines, isNew }] of blocks.entries()) {
        const last = blocks[i - 1];
        const bare = withoutBlankStart(lines);
        if (!last) {
            result = isNew ? bare : [...lines];
            continue;
        }
        const isBeside = (isNew || last.isNew) && bare.length > 0;
        const isSpaced = isBeside && blank.length > 0 && bare.length > 1;
        if (isBeside && isList && !isCommentAbove(result.at(-1) ?? ""))
            result = closedBy(result, ",");
        result.push(...(isSpaced ? [...blank, ...bare] : lines));
    }
    if (isList && !hasLastComma) result.push((result.pop() ?? "").replace(/,\s*$/, ""));
    return result;
}

/** `head`: the line that opens what they are in. */
function styleOf(old: readonly Entry[], head: string): Style {
    const items = old.filter(({ lines }) => lines.length > 0);
    const hasComma = ({ lines }: Entry) => lines.at(-1)?.trimEnd().endsWith(",") === true;
    const isValue = /\[\s*$/.test(head) || /(?:[=:(,]\s*|^\s*|\breturn\s+)\{\s*$/.test(head);
    const isEntry = ({ key }: Entry) => /\[\s*$/.test(head) || key.endsWith(":");
    const isList =
        items.length > 1 ? items.slice(0, -1).every(hasComma) : isValue && items.every(isEntry);
    const spaced = items
        .slice(1)
        .find(({ lead: [first = "x"], lines }) => !isText(first) && lines.length > 1);
    const lead = spaced?.lead ?? [];
    const hasLastComma = items.slice(-1).some(hasComma);
    return {
        isList,
        hasLastComma,
        blank: lead.slice(0, lead.length - withoutBlankStart(lead).length),
    };
}

function withoutBlankStart(lines: readonly string[]): string[] {
    const at = lines.findIndex(isText);
    return at < 0 ? [] : lines.slice(at);
}

function isText(line: string): boolean {
    return line.trim() !== "";
}
