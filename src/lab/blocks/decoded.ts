/** What a decoded block is: whole numbers, the scale (and minimum) of each group of them, and the values that they make together. Pure. */

/** Values of a block that share a scale. */
export interface BlockGroup {
    /** First value. */
    from: number;
    /** `value = scale * quant - min`, rounded to a float after each step as ggml does. */
    scale: number;
    min: number;
}

export interface DecodedBlock {
    groups: BlockGroup[];
    /** Whole numbers; of a type with a table what the table says. */
    quants: number[];
    values: Float32Array;
}

/** `scaleOf` and `minOf`: of a group; `quant`: of a value. */
export function decodeGroups(options: {
    nValues: number;
    groupSize: number;
    scaleOf: (group: number) => number;
    minOf?: (group: number) => number;
    quant: (index: number) => number;
}): DecodedBlock {
    const { nValues, groupSize, scaleOf, minOf, quant } = options;
    const groups: BlockGroup[] = [];
    const quants: number[] = [];
    const values = new Float32Array(nValues);
    for (let i = 0; i < nValues; i++) {
        if (i % groupSize === 0) {
            const group = i / groupSize;
            groups.push({ from: i, scale: scaleOf(group), min: minOf?.(group) ?? 0 });
        }
        const { scale = 0, min = 0 } = groups.at(-1) ?? {};
        const q = quant(i);
        quants.push(q);
        values[i] = minOf ? Math.fround(scale * q) - min : scale * q;
    }
    return { groups, quants, values };
}
