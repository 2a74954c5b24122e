/** Small float formats as the numbers they stand for, and a reader of a block's bytes. Pure. */

/** IEEE half precision. */
export function halfToFloat(bits: number): number {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a float. */
export function bfloatToFloat(bits: number): number {
    word.setUint32(0, bits << 16);
    return word.getFloat32(0);
}

const word = new DataView(new ArrayBuffer(4));

/** A power of two by its exponent alone (E8M0), halved, as MXFP4 blocks in ggml have it: their values are doubled to be whole. */
export function powerToHalfFloat(bits: number): number {
    return 2 ** (bits - 128);
}

/** Four bits of exponent, three of fraction, no sign (UE4M3), halved for the same reason. */
export function scaleToHalfFloat(bits: number): number {
    if (bits === 0 || bits === 0x7f) return 0;
    const exponent = (bits >> 3) & 0xf;
    const fraction = bits & 7;
    const value = exponent === 0 ? fraction * 2 ** -9 : (1 + fraction / 8) * 2 ** (exponent - 7);
    return value / 2;
}

/** Bytes of one block by position; every number little-endian. */
export class BlockReader {
    private readonly view: DataView;

    constructor(readonly bytes: Uint8Array) {
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }

    u8(at: number): number {
        return this.view.getUint8(at);
    }

    i8(at: number): number {
        return this.view.getInt8(at);
    }

    u16(at: number): number {
        return this.view.getUint16(at, true);
    }

    u32(at: number): number {
        return this.view.getUint32(at, true);
    }

    f16(at: number): number {
        return halfToFloat(this.u16(at));
    }

    /** The lower and the upper half of a byte. */
    nibble(at: number, isUpper: boolean): number {
        return isUpper ? this.u8(at) >> 4 : this.u8(at) & 0xf;
    }

    bit(at: number, index: number): number {
        return (this.u8(at + (index >> 3)) >> (index & 7)) & 1;
    }
}
