/** What a person typed as a metadata value, as the bytes of its type; which keys are not for editing. Pure. */

import { AppError } from "../../base/errors";
import { quote } from "../../gguf/broken";
import { GGUF_LIMITS } from "../../gguf/read";
import type { ScalarType } from "../../protocol/inspector";

/** The place of every tensor, and of every part, hangs on these. */
const FIXED = /^(general\.alignment|split\..*)$/;

/** The key, if it may be edited. Throws AppError `user/usage`. */
export function ownKey(key: string): string {
    const nBytes = new TextEncoder().encode(key).length;
    // eslint-disable-next-line no-control-regex -- a key is one line of readable text
    if (key.trim() === "" || /[\u0000-\u0020\u007f]/.test(key) || nBytes > GGUF_LIMITS.keyBytes)
        throw new AppError(
            "user/usage",
            "A key is a name without spaces; type one like general.name",
        );
    if (FIXED.test(key))
        throw new AppError(
            "user/usage",
            `${quote(key)} says where the tensors are, so it stays as it is`,
        );
    return key;
}

const INTEGERS: Readonly<Partial<Record<ScalarType, { bits: number; isSigned: boolean }>>> = {
    uint8: { bits: 8, isSigned: false },
    int8: { bits: 8, isSigned: true },
    uint16: { bits: 16, isSigned: false },
    int16: { bits: 16, isSigned: true },
    uint32: { bits: 32, isSigned: false },
    int32: { bits: 32, isSigned: true },
    uint64: { bits: 64, isSigned: false },
    int64: { bits: 64, isSigned: true },
};

/** Throws AppError `user/usage` when the text is no value of the type. */
export function encodeValue(type: ScalarType, text: string): Uint8Array {
    if (type === "string") return encodeText(text);
    const value = text.trim();
    if (type === "bool") {
        if (!/^(true|false)$/i.test(value)) throw wrong(type, "true or false");
        return Uint8Array.of(value.toLowerCase() === "true" ? 1 : 0);
    }
    const integer = INTEGERS[type];
    if (integer) return encodeInteger(type, value, integer);
    const number = Number(value);
    const isFine =
        value !== "" && Number.isFinite(type === "float32" ? Math.fround(number) : number);
    if (!isFine) throw wrong(type, "a number like 0.5 or 1e-6");
    const bytes = new Uint8Array(type === "float32" ? 4 : 8);
    const view = new DataView(bytes.buffer);
    if (type === "float32") view.setFloat32(0, number, true);
    else view.setFloat64(0, number, true);
    return bytes;
}

function encodeText(text: string): Uint8Array {
    const utf8 = new TextEncoder().encode(text);
    const bytes = new Uint8Array(8 + utf8.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(utf8.length), true);
    bytes.set(utf8, 8);
    return bytes;
}

function encodeInteger(
    type: ScalarType,
    value: string,
    { bits, isSigned }: { bits: number; isSigned: boolean },
): Uint8Array {
    const least = isSigned ? -(2n ** BigInt(bits - 1)) : 0n;
    const most = isSigned ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n;
    const number = /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
    if (number === undefined || number < least || number > most)
        throw wrong(type, `a whole number from ${least} to ${most}`);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, number), true);
    return bytes.subarray(0, bits / 8);
}

function wrong(type: ScalarType, what: string): AppError {
    return new AppError("user/usage", `That is no value of the type ${type}; type ${what}`);
}
