/**
 * Hashes of a source's files over several runs of one conversion. A hash goes on from its state only at a place that no block of rows reads
 * across, with everything before it done and everything behind it still to be done: then each row comes from bytes that are in the hash.
 */

/** The hash of a file up to `bytes`. Without a state the file's rows are in no hash, and need not be. */
export interface HashMark {
    file: string;
    bytes: number;
    state: Uint8Array | undefined;
}

/** What a source does whose files are hashed while they are read. */
export interface SourceHashes {
    /** False when this run has read on already. */
    canResume(mark: HashMark): boolean;
    /** Before the first row. */
    resume(mark: HashMark): void;
    /** Tells of the hash at some of these places of each file and at its end. */
    follow(cuts: ReadonlyMap<string, readonly number[]>, onMark: (mark: HashMark) => void): void;
}

export interface SourceRange {
    file: string;
    start: number;
    end: number;
}

/** Rows of the result and all that they are made of. */
export interface PlacedBlock {
    offset: number;
    length: number;
    ranges: readonly SourceRange[];
}

/** For each file the places that no block reads across, ascending; the last one is where the last block ends. */
export function cutsOf(blocks: readonly PlacedBlock[]): Map<string, number[]> {
    const byFile = new Map<string, SourceRange[]>();
    for (const range of blocks.flatMap(({ ranges }) => ranges)) {
        const known = byFile.get(range.file);
        if (known) known.push(range);
        else byFile.set(range.file, [range]);
    }
    return new Map([...byFile].map(([file, ranges]) => [file, cutsOfFile(ranges)]));
}

function cutsOfFile(ranges: SourceRange[]): number[] {
    const cuts: number[] = [];
    let end = 0;
    for (const range of ranges.sort((a, b) => a.start - b.start)) {
        if (range.start >= end && end > 0) cuts.push(end);
        end = Math.max(end, range.end);
    }
    return [...cuts, end];
}

export interface Earlier {
    blocks: readonly PlacedBlock[];
    /** Of what an earlier run wrote, what is on the disk: offset to length. */
    intact: ReadonlyMap<number, number>;
    marks: readonly HashMark[];
    hashes: SourceHashes;
    /** Of the source itself; blocks may read others, made while they are read. */
    files: ReadonlySet<string>;
}

/** Has the hashes go on as far along as possible. Returns what of `intact` counts as done then: the rest would be in no hash. */
export function resumeHashes({
    blocks,
    intact,
    marks,
    hashes,
    files,
}: Earlier): Map<number, number> {
    // What a decoded file is made of is not known here, so nothing says how far the hashes may have gone.
    if (blocks.some(({ ranges }) => ranges.some(({ file }) => !files.has(file)))) return new Map();
    const unhashed = new Set(marks.flatMap(({ file, state }) => (state ? [] : [file])));
    const usable = marks.filter((mark) => mark.state && hashes.canResume(mark));
    let done = blocks.filter(({ offset, length }) => intact.get(offset) === length);
    for (;;) {
        const best = furthest(usable, lowest(blocks, new Set(done)));
        const isCovered = ({ file, end }: SourceRange) =>
            unhashed.has(file) || end <= (best.get(file)?.bytes ?? 0);
        const covered = done.filter(({ ranges }) => ranges.every(isCovered));
        if (covered.length === done.length) {
            for (const file of unhashed) hashes.resume({ file, bytes: 0, state: undefined });
            for (const mark of best.values()) if (!unhashed.has(mark.file)) hashes.resume(mark);
            return new Map(done.map(({ offset, length }) => [offset, length]));
        }
        // What is not covered is read again, which may leave less for a hash to begin with.
        done = covered;
    }
}

/** Where the first block of each file begins that is still to be done. */
function lowest(
    blocks: readonly PlacedBlock[],
    done: ReadonlySet<PlacedBlock>,
): Map<string, number> {
    const result = new Map<string, number>();
    for (const block of blocks) {
        if (done.has(block)) continue;
        for (const { file, start } of block.ranges)
            result.set(file, Math.min(start, result.get(file) ?? Infinity));
    }
    return result;
}

function furthest(
    marks: readonly HashMark[],
    limits: ReadonlyMap<string, number>,
): Map<string, HashMark> {
    const best = new Map<string, HashMark>();
    for (const mark of marks) {
        const isTooFar = mark.bytes > (limits.get(mark.file) ?? Infinity);
        if (!isTooFar && mark.bytes > (best.get(mark.file)?.bytes ?? 0)) best.set(mark.file, mark);
    }
    return best;
}
