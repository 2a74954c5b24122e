/** The little of protobuf's wire format that a SentencePiece model needs: fields as views into the bytes, every length checked. */

import { AppError } from "../../base/errors";

export interface ProtoField {
    number: number;
    /** Varint and fixed values; undefined for bytes. */
    value: number | undefined;
    /** Payload of a length-delimited field, or the raw 4 or 8 bytes of a fixed one. */
    bytes: Uint8Array;
}

/** Walks the fields of one message. Throws when a length or tag runs past the end. */
export function* protoFields(message: Uint8Array): Generator<ProtoField> {
    let at = 0;
    const varint = (): number => {
        let value = 0;
        let scale = 1;
        for (let i = 0; i < 10; i++) {
            const byte = message[at++];
            if (byte === undefined) throw damaged();
            if (i < 7) value += (byte & 0x7f) * scale;
            scale *= 128;
            if (byte < 0x80) return value;
        }
        throw damaged();
    };
    const take = (length: number): Uint8Array => {
        if (length > message.length - at) throw damaged();
        at += length;
        return message.subarray(at - length, at);
    };
    while (at < message.length) {
        const tag = varint();
        const number = Math.floor(tag / 8);
        const kind = tag % 8;
        if (number === 0) throw damaged();
        if (kind === 0) yield { number, value: varint(), bytes: message.subarray(at, at) };
        else if (kind === 1) yield { number, value: undefined, bytes: take(8) };
        else if (kind === 2) yield { number, value: undefined, bytes: take(varint()) };
        else if (kind === 5) yield { number, value: undefined, bytes: take(4) };
        else throw damaged();
    }
}

function damaged(): AppError {
    return new AppError(
        "data/tokenizer",
        "tokenizer.model is not a usable SentencePiece model; download it again",
    );
}
