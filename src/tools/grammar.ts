/**
 * A context-free grammar over bytes: what a model may write, node by node, and its form for the addon (native/grammar.h).
 * Equal nodes are one node, so alternatives that differ in nothing cost nothing. Knows neither JSON nor tools.
 */

import { AppError } from "../base/errors";
import type { Edge } from "./automaton";
import { utf8Sequences, type Range } from "./utf8";

/** A node's number in its grammar. */
export type Node = number;

type Shape =
    | { kind: "literal"; bytes: readonly number[] }
    /** One byte of a set: eight words of 32 bits. */
    | { kind: "class"; words: readonly number[] }
    | { kind: "sequence"; parts: readonly Node[] }
    /** Without parts: nothing matches. */
    | { kind: "choice"; parts: readonly Node[] }
    /** `max` < 0: no limit. */
    | { kind: "repeat"; part: Node; min: number; max: number }
    /** From the first state to the last, by edges with a part that is never empty, or with none. */
    | { kind: "automaton"; states: readonly (readonly Edge[])[] };

const KINDS = { literal: 0, class: 1, sequence: 2, choice: 3, repeat: 4, automaton: 5 } as const;

const LAST_ASCII = 0x7f;

/** More nodes, or whole numbers of a program, than any set of tools needs: a schema that asks for more is refused. */
const MAX_NODES = 50_000;
const MAX_NUMBERS = 1_000_000;
export const MAX_REPEAT = 1_000_000;

/** As the addon takes it: the number of nodes, then each one's kind and contents. */
export interface Program {
    numbers: number[];
    /** The nodes asked for, as they are numbered in it; undefined where nothing can match. */
    roots: (Node | undefined)[];
}

export class Grammar {
    private readonly shapes: Shape[] = [];
    private readonly known = new Map<string, Node>();
    private readonly spellings = new Map<string, readonly Node[]>();
    private nNumbers = 0;

    /** Exactly this text, as UTF-8. */
    text(text: string): Node {
        return this.add({ kind: "literal", bytes: [...new TextEncoder().encode(text)] });
    }

    get empty(): Node {
        return this.text("");
    }

    /** One character of these code points; both ends belong to a range, surrogates to none. */
    characters(ranges: readonly Range[]): Node {
        const single = new Array<number>(8).fill(0);
        for (const [from, to] of ranges) setBits(single, [from, Math.min(to, LAST_ASCII)]);
        const isAscii = single.some((word) => word !== 0);
        const ascii = isAscii ? [this.add({ kind: "class", words: single })] : [];
        const others = ranges
            .map(([from, to]): Range => [Math.max(from, LAST_ASCII + 1), to])
            .filter(([from, to]) => from <= to);
        return this.choice([...ascii, ...this.spelled(others)]);
    }

    /** Beyond ASCII: as sequences of bytes, made once for the same ranges. */
    private spelled(ranges: readonly Range[]): readonly Node[] {
        const key = ranges.join();
        const known = this.spellings.get(key);
        if (known) return known;
        const nodes = ranges
            .flatMap(([from, to]) => utf8Sequences(from, to))
            .map((bytes) => this.sequence(bytes.map((range) => this.bytes(range))));
        this.spellings.set(key, nodes);
        return nodes;
    }

    sequence(parts: readonly Node[]): Node {
        const [only] = parts;
        if (parts.length === 1 && only !== undefined) return only;
        return this.add({ kind: "sequence", parts: [...parts] });
    }

    choice(parts: readonly Node[]): Node {
        const distinct = [...new Set(parts)];
        const [only] = distinct;
        if (distinct.length === 1 && only !== undefined) return only;
        return this.add({ kind: "choice", parts: distinct });
    }

    /** `max` left out: any number of times. */
    repeat(part: Node, min: number, max?: number): Node {
        if (max !== undefined && max < min) return this.choice([]);
        const [atLeast, atMost] = [Math.min(min, MAX_REPEAT), Math.min(max ?? -1, MAX_REPEAT)];
        return this.add({ kind: "repeat", part, min: atLeast, max: atMost });
    }

    /** What leads from the first state to the last. No part may be empty. */
    automaton(states: readonly (readonly Edge[])[]): Node {
        return this.add({ kind: "automaton", states });
    }

    optional(part: Node): Node {
        return this.repeat(part, 0, 1);
    }

    /** A node whose contents are told later by `define`: what refers to itself needs one. */
    reserve(): Node {
        return this.push({ kind: "choice", parts: [] });
    }

    define(reserved: Node, as: Node): void {
        this.shapes[reserved] = { kind: "choice", parts: [as] };
    }

    /** The nodes that `roots` reach, without alternatives that can never end. */
    compile(roots: readonly Node[]): Program {
        const canEnd = this.endingNodes();
        const order = this.reached(
            roots.filter((root) => canEnd[root]),
            canEnd,
        );
        const place = new Map(order.map((node, i) => [node, i]));
        const at = (node: Node) => place.get(node) ?? 0;
        const numbers = [order.length];
        // One at a time: a literal can be longer than what a call may have as arguments.
        for (const node of order)
            for (const number of this.encode(node, canEnd, at)) numbers.push(number);
        return { numbers, roots: roots.map((root) => place.get(root)) };
    }

    private encode(node: Node, canEnd: readonly boolean[], at: (node: Node) => number): number[] {
        const shape = this.shape(node);
        switch (shape.kind) {
            case "literal":
                return [KINDS.literal, shape.bytes.length, ...shape.bytes];
            case "class":
                return [KINDS.class, ...shape.words];
            case "sequence":
                return [KINDS.sequence, shape.parts.length, ...shape.parts.map(at)];
            case "choice": {
                const parts = shape.parts.filter((part) => canEnd[part]);
                return [KINDS.choice, parts.length, ...parts.map(at)];
            }
            case "repeat":
                return canEnd[shape.part]
                    ? [KINDS.repeat, at(shape.part), shape.min, shape.max]
                    : [KINDS.literal, 0];
            case "automaton": {
                const numbers = shape.states.flatMap((edges) => {
                    const open = edges.filter(({ part }) => part === undefined || canEnd[part]);
                    const pairs = open.map(({ part, to }) => [
                        part === undefined ? -1 : at(part),
                        to,
                    ]);
                    return [open.length, ...pairs.flat()];
                });
                return [KINDS.automaton, numbers.length, ...numbers];
            }
        }
    }

    /** Of each node whether some finite text matches it. */
    private endingNodes(): boolean[] {
        const ends = this.shapes.map(() => false);
        for (let changed = true; changed;) {
            changed = false;
            for (const [node, shape] of this.shapes.entries()) {
                if (ends[node] || !canEndBy(shape, ends)) continue;
                ends[node] = changed = true;
            }
        }
        return ends;
    }

    private reached(roots: readonly Node[], canEnd: readonly boolean[]): Node[] {
        const found = new Set<Node>(roots);
        for (const node of found)
            for (const part of partsOf(this.shape(node))) if (canEnd[part]) found.add(part);
        return [...found];
    }

    private shape(node: Node): Shape {
        const shape = this.shapes[node];
        if (!shape) throw new AppError("bug/internal", `The grammar has no node ${node}`);
        return shape;
    }

    private bytes(range: Range): Node {
        const words = new Array<number>(8).fill(0);
        setBits(words, range);
        return this.add({ kind: "class", words });
    }

    private add(shape: Shape): Node {
        const key = JSON.stringify(shape);
        const known = this.known.get(key);
        if (known !== undefined) return known;
        const node = this.push(shape);
        this.known.set(key, node);
        return node;
    }

    private push(shape: Shape): Node {
        this.nNumbers +=
            4 + (shape.kind === "literal" ? shape.bytes.length : partsOf(shape).length);
        if (this.shapes.length >= MAX_NODES || this.nNumbers > MAX_NUMBERS)
            throw new AppError(
                "data/unsupported",
                "The tools' parameters are too large to hold a model to; offer it fewer tools at a time",
            );
        return this.shapes.push(shape) - 1;
    }
}

function canEndBy(shape: Shape, ends: readonly boolean[]): boolean {
    switch (shape.kind) {
        case "literal":
        case "class":
            return true;
        case "sequence":
            return shape.parts.every((part) => ends[part]);
        case "choice":
            return shape.parts.some((part) => ends[part]);
        case "repeat":
            return shape.min === 0 || ends[shape.part] === true;
        case "automaton":
            return isLastReached(shape.states, ends);
    }
}

function isLastReached(states: readonly (readonly Edge[])[], ends: readonly boolean[]): boolean {
    const reached = new Set([0]);
    for (const state of reached)
        for (const { part, to } of states[state] ?? [])
            if (part === undefined || ends[part]) reached.add(to);
    return reached.has(states.length - 1);
}

function partsOf(shape: Shape): readonly Node[] {
    if (shape.kind === "repeat") return [shape.part];
    if (shape.kind === "automaton")
        return shape.states.flatMap((edges) => edges.flatMap(({ part }) => part ?? []));
    return shape.kind === "sequence" || shape.kind === "choice" ? shape.parts : [];
}

function setBits(words: number[], [from, to]: Range): void {
    for (let byte = from; byte <= to; byte++)
        words[byte >> 5] = (words[byte >> 5] ?? 0) | (1 << (byte & 31)) | 0;
}
