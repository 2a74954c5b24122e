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
    const endsOf = (node: number, at: number): Iterable<number> => {
        const start = starts[node] ?? 0;
        const n = numbers[start + 1] ?? 0;
        const rest = numbers.slice(start + 2, start + 2 + n);
        switch (numbers[start] ?? -1) {
            case 0:
                return rest.every((byte, i) => bytes[at + i] === byte) ? [at + n] : [];
            case 1: {
                const byte = bytes[at];
                const word = byte === undefined ? 0 : (numbers[start + 1 + (byte >> 5)] ?? 0);
                return byte !== undefined && (word >>> (byte & 31)) & 1 ? [at + 1] : [];
            }
            case 2:
                return rest.reduce<Set<number>>(
                    (ends, part) => new Set([...ends].flatMap((end) => [...match(part, end)])),
                    new Set([at]),
                );
            case 3:
                return rest.flatMap((part) => [...match(part, at)]);
            case 5:
                return walked(rest, at);
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
    /** Every pair of a state and a place, from the first state on. */
    const walked = (given: readonly number[], at: number): Set<number> => {
        const states: [part: number, to: number][][] = [];
        for (let i = 0; i < given.length;) {
            const n = given[i++] ?? 0;
            states.push(Array.from({ length: n }, () => [given[i++] ?? 0, given[i++] ?? 0]));
        }
        const seen = new Map<string, readonly [number, number]>([[`0 ${at}`, [0, at]]]);
        for (const [state, place] of seen.values())
            for (const [part, to] of states[state] ?? [])
                for (const end of part < 0 ? [place] : match(part, place))
                    seen.set(`${to} ${end}`, [to, end]);
        const isLast = ([state]: readonly [number, number]) => state === states.length - 1;
        return new Set([...seen.values()].filter(isLast).map(([, place]) => place));
    };
    return (node) => (at) => match(node, at);
}
