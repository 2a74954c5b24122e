/**
 * Reads the pickle of a PyTorch checkpoint without running anything: a small machine with the operations that dictionaries of tensors
 * need and the handful of names that stand for tensors. Any other operation or name ends it. Gives plain data; knows no files.
 * Format: Python's pickle protocol 2 (and the parts of 4 that matter), torch/_utils.py for what the names mean.
 */

import { AppError } from "../../../base/errors";

/** Where a tensor's numbers lie: a member of the archive. */
export interface Storage {
    /** Data type as safetensors calls it. */
    dtype: string;
    /** Name of the member below `data/`. */
    key: string;
    /** Elements. */
    length: number;
}

export interface PickledTensor {
    storage: Storage;
    /** Elements before the first one. */
    offset: number;
    shape: number[];
    strides: number[];
}

class Tuple {
    constructor(readonly items: readonly Value[]) {}
}
class Name {
    constructor(readonly name: string) {}
}
class StorageValue {
    constructor(readonly storage: Storage) {}
}
class TensorValue {
    constructor(readonly tensor: PickledTensor) {}
}
type Dictionary = Map<Value, Value>;
type Value =
    | string
    | number
    | boolean
    | null
    | Value[]
    | Dictionary
    | Tuple
    | Name
    | StorageValue
    | TensorValue;

/** What `torch.XStorage` holds. */
const STORAGES: Readonly<Record<string, string>> = {
    "torch.DoubleStorage": "F64",
    "torch.FloatStorage": "F32",
    "torch.HalfStorage": "F16",
    "torch.BFloat16Storage": "BF16",
    "torch.LongStorage": "I64",
    "torch.IntStorage": "I32",
    "torch.ShortStorage": "I16",
    "torch.CharStorage": "I8",
    "torch.ByteStorage": "U8",
    "torch.BoolStorage": "BOOL",
};
const FUNCTIONS = new Set([
    "collections.OrderedDict",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter",
]);

const MAX_DIMS = 8;
const MAX_STACK = 1_000_000;

/** The tensors of a pickled dictionary, in its order. Throws `AppError` for everything else. */
export function unpickleTensors(bytes: Uint8Array, file: string): Map<string, PickledTensor> {
    const result = new Machine(bytes, file).run();
    if (!(result instanceof Map)) throw refused(file, "it is not a dictionary of tensors");
    const tensors = new Map<string, PickledTensor>();
    for (const [key, value] of result) {
        if (typeof key !== "string" || !(value instanceof TensorValue))
            throw refused(
                file,
                `${typeof key === "string" ? key.slice(0, 80) : "an entry"} is not a tensor`,
            );
        tensors.set(key, value.tensor);
    }
    return tensors;
}

function refused(file: string, why: string): AppError {
    return new AppError(
        "data/unsupported",
        `${file} holds more than tensors (${why}); convert it with huggingface.co/spaces/safetensors/convert and use the safetensors files`,
    );
}

class Machine {
    private readonly view: DataView;
    private at = 0;
    private stack: Value[] = [];
    private readonly marks: Value[][] = [];
    private readonly memo = new Map<number, Value>();

    constructor(
        private readonly bytes: Uint8Array,
        private readonly file: string,
    ) {
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }

    run(): Value {
        for (;;) {
            const code = this.byte();
            if (code === STOP) return this.pop();
            const operation = OPERATIONS[code];
            if (!operation)
                throw refused(this.file, `operation 0x${code.toString(16)} of its pickle`);
            operation(this);
            if (this.stack.length > MAX_STACK || this.memo.size > MAX_STACK)
                throw refused(this.file, "its pickle is too large");
        }
    }

    bad(why = "its pickle is damaged"): AppError {
        return refused(this.file, why);
    }

    byte(): number {
        return this.take(1)[0] ?? 0;
    }

    take(length: number): Uint8Array {
        if (this.at + length > this.bytes.length) throw this.bad("its pickle is cut off");
        this.at += length;
        return this.bytes.subarray(this.at - length, this.at);
    }

    uint16(): number {
        this.take(2);
        return this.view.getUint16(this.at - 2, true);
    }

    int32(): number {
        this.take(4);
        return this.view.getInt32(this.at - 4, true);
    }

    uint32(): number {
        return this.int32() >>> 0;
    }

    text(length: number): string {
        return new TextDecoder().decode(this.take(length));
    }

    line(): string {
        const end = this.bytes.indexOf(0x0a, this.at);
        if (end < 0) throw this.bad("its pickle is cut off");
        const text = this.text(end - this.at);
        this.at++;
        return text;
    }

    push(value: Value): void {
        this.stack.push(value);
    }

    pop(): Value {
        const value = this.stack.pop();
        if (value === undefined) throw this.bad();
        return value;
    }

    top(): Value {
        const value = this.stack.at(-1);
        if (value === undefined) throw this.bad();
        return value;
    }

    mark(): void {
        if (this.marks.length > 1000) throw this.bad("its pickle is nested too deeply");
        this.marks.push(this.stack);
        this.stack = [];
    }

    /** What was pushed since the last mark. */
    toMark(): Value[] {
        const items = this.stack;
        const outer = this.marks.pop();
        if (!outer) throw this.bad();
        this.stack = outer;
        return items;
    }

    remember(index = this.memo.size): void {
        this.memo.set(index, this.top());
    }

    recall(index: number): void {
        const value = this.memo.get(index);
        if (value === undefined) throw this.bad();
        this.push(value);
    }

    name(module: string, name: string): void {
        const full = `${module}.${name}`;
        if (!FUNCTIONS.has(full) && !Object.hasOwn(STORAGES, full))
            throw refused(this.file, full.slice(0, 120));
        this.push(new Name(full));
    }

    setItems(items: readonly Value[]): void {
        const target = this.top();
        if (!(target instanceof Map) || items.length % 2 !== 0) throw this.bad();
        for (let i = 0; i < items.length; i += 2)
            target.set(items[i] ?? null, items[i + 1] ?? null);
    }

    appendItems(items: readonly Value[]): void {
        const target = this.top();
        if (!Array.isArray(target)) throw this.bad();
        for (const item of items) target.push(item);
    }

    /** Attributes of a dictionary (`_metadata` of a state dict) say nothing about tensors. */
    build(): void {
        this.pop();
        if (!(this.top() instanceof Map)) throw this.bad("it sets attributes of an object");
    }

    /** ('storage', class, key, device, length) */
    persistent(): void {
        const id = this.pop();
        const [kind, type, key, , length] = id instanceof Tuple ? id.items : [];
        const dtype = type instanceof Name ? STORAGES[type.name] : undefined;
        if (
            kind !== "storage" ||
            dtype === undefined ||
            typeof key !== "string" ||
            !isCount(length)
        )
            throw this.bad();
        this.push(new StorageValue({ dtype, key, length }));
    }

    reduce(): void {
        const args = this.pop();
        const callable = this.pop();
        if (!(args instanceof Tuple) || !(callable instanceof Name)) throw this.bad();
        const { items } = args;
        switch (callable.name) {
            case "collections.OrderedDict":
                if (items.length > 0) throw this.bad("a dictionary made of a list");
                return this.push(new Map());
            case "torch._utils._rebuild_parameter":
                if (!(items[0] instanceof TensorValue)) throw this.bad();
                return this.push(items[0]);
            case "torch._utils._rebuild_tensor_v2":
                return this.push(this.tensor(items));
        }
        throw this.bad();
    }

    /** (storage, offset, size, strides, requires_grad, hooks[, metadata]) */
    private tensor([storage, offset, size, strides]: readonly Value[]): TensorValue {
        if (!(storage instanceof StorageValue) || !isCount(offset)) throw this.bad();
        if (!(size instanceof Tuple) || !(strides instanceof Tuple)) throw this.bad();
        const shape = size.items.filter(isCount);
        const steps = strides.items.filter(isCount);
        const isWhole = shape.length === size.items.length && steps.length === strides.items.length;
        if (!isWhole || shape.length !== steps.length || shape.length > MAX_DIMS) throw this.bad();
        return new TensorValue({ storage: storage.storage, offset, shape, strides: steps });
    }
}

function isCount(value: Value | undefined): value is number {
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

const STOP = 0x2e;

/** By their byte. What is not here is not done. */
const OPERATIONS: Readonly<Record<number, (machine: Machine) => void>> = {
    // PROTO, FRAME: nothing to do.
    0x80: (m) => void m.byte(),
    0x95: (m) => void m.take(8),
    // MARK
    0x28: (m) => m.mark(),
    // EMPTY_DICT, EMPTY_LIST, EMPTY_TUPLE
    0x7d: (m) => m.push(new Map()),
    0x5d: (m) => m.push([]),
    0x29: (m) => m.push(new Tuple([])),
    // TUPLE, TUPLE1, TUPLE2, TUPLE3
    0x74: (m) => m.push(new Tuple(m.toMark())),
    0x85: (m) => m.push(new Tuple(last(m, 1))),
    0x86: (m) => m.push(new Tuple(last(m, 2))),
    0x87: (m) => m.push(new Tuple(last(m, 3))),
    // NONE, NEWTRUE, NEWFALSE
    0x4e: (m) => m.push(null),
    0x88: (m) => m.push(true),
    0x89: (m) => m.push(false),
    // BININT, BININT1, BININT2, LONG1
    0x4a: (m) => m.push(m.int32()),
    0x4b: (m) => m.push(m.byte()),
    0x4d: (m) => m.push(m.uint16()),
    0x8a: (m) => m.push(littleEndian(m.take(m.byte()))),
    // BINFLOAT: eight bytes, only in what is not used
    0x47: (m) => {
        m.take(8);
        m.push(NaN);
    },
    // BINUNICODE, SHORT_BINUNICODE
    0x58: (m) => m.push(m.text(m.uint32())),
    0x8c: (m) => m.push(m.text(m.byte())),
    // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
    0x71: (m) => m.remember(m.byte()),
    0x72: (m) => m.remember(m.uint32()),
    0x94: (m) => m.remember(),
    0x68: (m) => m.recall(m.byte()),
    0x6a: (m) => m.recall(m.uint32()),
    // GLOBAL, STACK_GLOBAL
    0x63: (m) => m.name(m.line(), m.line()),
    0x93: (m) => {
        const [module, name] = last(m, 2);
        if (typeof module !== "string" || typeof name !== "string") throw m.bad();
        m.name(module, name);
    },
    // SETITEM, SETITEMS, APPEND, APPENDS
    0x73: (m) => m.setItems(last(m, 2)),
    0x75: (m) => m.setItems(m.toMark()),
    0x61: (m) => m.appendItems(last(m, 1)),
    0x65: (m) => m.appendItems(m.toMark()),
    // BINPERSID, REDUCE, BUILD
    0x51: (m) => m.persistent(),
    0x52: (m) => m.reduce(),
    0x62: (m) => m.build(),
};

function last(machine: Machine, count: number): Value[] {
    return Array.from({ length: count }, () => machine.pop()).reverse();
}

/** A number of up to eight bytes; NaN, which nothing accepts, for longer or negative ones. */
function littleEndian(bytes: Uint8Array): number {
    if (bytes.length > 8 || ((bytes.at(-1) ?? 0) & 0x80) !== 0) return NaN;
    return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
