/**
 * The metadata of a file while it is built: an ordered list of typed keys. Setting a key again replaces its value where it
 * stands; empty strings and empty arrays are not written (both as gguf-py does, so that the order matches the reference).
 */

import type { GgufWriteValue } from "../gguf/write";

export class KeyValues {
    private readonly map = new Map<string, GgufWriteValue>();

    set(key: string, entry: GgufWriteValue): this {
        const empty =
            (entry.type === "string" || entry.type.startsWith("array")) &&
            (entry.value as ArrayLike<unknown>).length === 0;
        if (!empty) this.map.set(key, entry);
        return this;
    }

    /** Integers; undefined is not written. */
    uint32(key: string, value: number | undefined): this {
        return value === undefined ? this : this.set(key, { type: "uint32", value });
    }

    float32(key: string, value: number | undefined): this {
        return value === undefined ? this : this.set(key, { type: "float32", value });
    }

    string(key: string, value: string | undefined): this {
        return value === undefined ? this : this.set(key, { type: "string", value });
    }

    bool(key: string, value: boolean): this {
        return this.set(key, { type: "bool", value });
    }

    get(key: string): GgufWriteValue | undefined {
        return this.map.get(key);
    }

    /** Removes the key and adds it again at the end, as llama-quantize does. */
    moveToEnd(key: string, value: GgufWriteValue): this {
        this.map.delete(key);
        this.map.set(key, value);
        return this;
    }

    delete(key: string): void {
        this.map.delete(key);
    }

    /** A copy: conversions to several types share what does not depend on the type. */
    clone(): KeyValues {
        const copy = new KeyValues();
        for (const [key, value] of this.map) copy.map.set(key, value);
        return copy;
    }

    entries(): [string, GgufWriteValue][] {
        return [...this.map];
    }
}
