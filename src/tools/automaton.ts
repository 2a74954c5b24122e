/**
 * States and edges, for what repeats beside what repeats: a grammar's own `repeat` remembers for each place where it began, an automaton
 * only in which of its states a text can be. A piece is added between a state and the one that it ends in, as often as it is wanted.
 */

import type { Node } from "./grammar";

/** `part`: what is read on the way; undefined: nothing. */
export interface Edge {
    part: Node | undefined;
    to: number;
}

/** Adds itself behind a state and says in which it ends. Its first state is left, never come back to. */
export type Piece = (states: States, from: number) => number;

export class TooManyStates extends Error {}

export class States {
    readonly edges: Edge[][] = [];

    constructor(private readonly most: number) {}

    /** Throws TooManyStates. */
    add(): number {
        if (this.edges.length >= this.most) throw new TooManyStates();
        return this.edges.push([]) - 1;
    }

    join(from: number, to: number, part?: Node): void {
        this.edges[from]?.push({ part, to });
    }
}

export function single(part: Node): Piece {
    return (states, from) => {
        const to = states.add();
        states.join(from, to, part);
        return to;
    };
}

export function inTurn(pieces: readonly Piece[]): Piece {
    return (states, from) => pieces.reduce((at, piece) => piece(states, at), from);
}

export function oneOf(pieces: readonly Piece[]): Piece {
    const [only] = pieces;
    if (only && pieces.length === 1) return only;
    return (states, from) => {
        const end = states.add();
        for (const piece of pieces) states.join(piece(states, from), end);
        return end;
    };
}

/** `max` left out: any number of times. */
export function times(piece: Piece, min: number, max?: number): Piece {
    return (states, from) => {
        let at = from;
        for (let i = 0; i < min; i++) at = piece(states, at);
        if (max === undefined) {
            const around = states.add();
            states.join(at, around);
            states.join(piece(states, around), around);
            at = states.add();
            states.join(around, at);
            return at;
        }
        const end = states.add();
        for (let i = min; i < max; i++) {
            states.join(at, end);
            at = piece(states, at);
        }
        states.join(at, end);
        return end;
    };
}

/** From the first state to the last. Throws TooManyStates. */
export function statesOf(piece: Piece, most: number): States["edges"] {
    const states = new States(most);
    const end = piece(states, states.add());
    states.join(end, states.add());
    return states.edges;
}

/**
 * What both read, character by character; `meet`: the characters that are in both parts, undefined when there are none. States from which
 * the end is not reached are left out; undefined: there are no others. Throws TooManyStates.
 */
export function bothOf(
    a: States["edges"],
    b: States["edges"],
    { meet, most }: { meet: (x: Node, y: Node) => Node | undefined; most: number },
): States["edges"] | undefined {
    const states = new States(most);
    const known = new Map<number, number>();
    const waiting: [number, number][] = [];
    const at = (x: number, y: number): number => {
        const key = x * b.length + y;
        const state = known.get(key) ?? states.add();
        if (!known.has(key)) waiting.push([x, y]);
        known.set(key, state);
        return state;
    };
    at(0, 0);
    for (const [x, y] of waiting) {
        const from = at(x, y);
        const [left, right] = [a[x] ?? [], b[y] ?? []];
        for (const { part, to } of left) if (part === undefined) states.join(from, at(to, y));
        for (const { part, to } of right) if (part === undefined) states.join(from, at(x, to));
        for (const one of left)
            for (const other of right) {
                if (one.part === undefined || other.part === undefined) continue;
                const part = meet(one.part, other.part);
                if (part !== undefined) states.join(from, at(one.to, other.to), part);
            }
    }
    const last = known.get((a.length - 1) * b.length + b.length - 1);
    if (last === undefined) return undefined;
    const end = states.add();
    states.join(last, end);
    return withoutDeadEnds(states.edges, end);
}

function withoutDeadEnds(edges: States["edges"], end: number): States["edges"] | undefined {
    const before = edges.map((): number[] => []);
    for (const [from, list] of edges.entries()) for (const { to } of list) before[to]?.push(from);
    const alive = new Set([end]);
    for (const state of alive) for (const from of before[state] ?? []) alive.add(from);
    return alive.has(0) ? edges.map((list) => list.filter(({ to }) => alive.has(to))) : undefined;
}
