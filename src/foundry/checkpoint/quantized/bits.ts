/** Numbers of a few bits in a row of 32-bit words: number i takes the bits from `i * bits` on, lowest first, across word borders. */

/** The row begins with word `start`; gives `count` numbers. Works for 2, 3, 4 and 8 bits alike. */
export function unpackBits(
    words: Int32Array,
    start: number,
    bits: number,
    count: number,
    out: Float32Array,
    at = 0,
): void {
    const mask = 2 ** bits - 1;
    let bit = 0;
    let index = start;
    for (let i = 0; i < count; i++) {
        let value = (words[index] ?? 0) >>> bit;
        bit += bits;
        if (bit >= 32) {
            bit -= 32;
            index++;
            if (bit > 0) value |= (words[index] ?? 0) << (bits - bit);
        }
        out[at + i] = value & mask;
    }
}
