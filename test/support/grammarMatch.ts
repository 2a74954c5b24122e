/** A second, plain reading of a compiled grammar, to hold the converter and the addon to: every end of a match, remembered by place. */
import type { Program } from "../../src/tools/grammar";

type Matcher = (at: number) => ReadonlySet<number>;

/** Whether the whole text matches the program's first root. */
export function matches(program: Program, text: string): boolean {
    const bytes = new TextEncoder().encode(text);
    const [root] = program.roots;
    return root !== undefined && matcherOf(program, bytes)(root)(0).has(bytes.length);
}

function matcherOf({ numbers }: Program, bytes: Uint8Array): (node: number) => Matcher {
    const starts: number[] = [];
    let next = 1;
    for (let i = 0; i < (numbers[0] ?? 0); i++) {
        starts.push(next);
        const kind = numbers[next] ?? -1;
        next += kind === 1 ? 9 : kind === 4 ? 4 : 2 + (numbers[next + 1] ?? 0);
    }
    if (next !== numbers.length) throw new Error("the program does not end where its nodes do");
    const known = new Map<string, Set<number>>();
    const match = (node: number, at: number): ReadonlySet<number> => {
        const key = `${node} ${at}`;
        const found = known.get(key);
        if (found) return found;
        const ends = new Set<number>();
        known.set(key, ends);
        for (const end of endsOf(node, at)) ends.add(end);
        return ends;
    };
    const isInSet = (start: number, byte: number | undefined): boolean => {
        if (byte === undefined) return false;
        const word = numbers[start + 1 + (byte >> 5)] ?? 0;
        return ((word >>> (byte & 31)) & 1) === 1;
    };
    const endsOf = (node: number, at: number): Iterable<number> => {
        const start = starts[node] ?? 0;
        const n = numbers[start + 1] ?? 0;
        const kind = numbers[start] ?? -1;
        const rest = kind === 5 ? [] : numbers.slice(start + 2, start + 2 + n);
        switch (kind) {
            case 0:
                return rest.every((byte, i) => bytes[at + i] === byte) ? [at + n] : [];
            case 1:
                return isInSet(start, bytes[at]) ? [at + 1] : [];
            case 2:
                return rest.reduce<Set<number>>(
                    (ends, part) => new Set([...ends].flatMap((end) => [...match(part, end)])),
                    new Set([at]),
                );
            case 3:
                return rest.flatMap((part) => [...match(part, at)]);
            case 5:
                return walked(node, at);
            default:
                return repeated(n, numbers[start + 2] ?? 0, numbers[start + 3] ?? -1, at);
        }
    };
    const repeated = (part: number, min: number, max: number, at: number): Set<number> => {
        const ends = new Set<number>(min === 0 ? [at] : []);
        let reached = new Set([at]);
        for (let times = 1; (max < 0 || times <= max) && reached.size > 0; times++) {
            const before = ends.size;
            reached = new Set([...reached].flatMap((end) => [...match(part, end)]));
            if (times >= min) for (const end of reached) ends.add(end);
            if (max < 0 && times > min && ends.size === before) break;
        }
        return ends;
    };
    const automata = new Map<number, [part: number, to: number][][]>();
    const statesOf = (node: number): [part: number, to: number][][] => {
        const known = automata.get(node);
        if (known) return known;
        const states: [part: number, to: number][][] = [];
        const start = (starts[node] ?? 0) + 2;
        const end = start + (numbers[start - 1] ?? 0);
        for (let i = start; i < end;) {
            const n = numbers[i++] ?? 0;
            states.push(Array.from({ length: n }, () => [numbers[i++] ?? 0, numbers[i++] ?? 0]));
        }
        automata.set(node, states);
        return states;
    };
    /** Every pair of a state and a place, from the first state on. */
    const walked = (node: number, at: number): Set<number> => {
        const states = statesOf(node);
        const ends = new Set<number>();
        const seen = new Set([at * states.length]);
        for (const pair of seen) {
            const [state, place] = [pair % states.length, Math.floor(pair / states.length)];
            if (state === states.length - 1) ends.add(place);
            for (const [part, to] of states[state] ?? [])
                for (const end of part < 0 ? [place] : match(part, place))
                    seen.add(end * states.length + to);
        }
        return ends;
    };
    return (node) => (at) => match(node, at);
}
