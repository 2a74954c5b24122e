/** Writes zip archives and pickles byte by byte, right or wrong, as PyTorch would store tensors. */

export interface ZipMember {
    name: string;
    data: Uint8Array;
    method?: number;
    /** What the directory says, when it lies. */
    declaredBytes?: number;
}

export function zip(members: readonly ZipMember[], options: { zip64?: boolean } = {}): Uint8Array {
    const parts: Buffer[] = [];
    const directory: Buffer[] = [];
    let at = 0;
    const add = (bytes: Buffer) => {
        parts.push(bytes);
        at += bytes.length;
    };
    for (const { name, data, method = 0, declaredBytes = data.length } of members) {
        const text = Buffer.from(name);
        const offset = at;
        const local = Buffer.alloc(30);
        local.writeUInt32LE(0x04034b50, 0);
        local.writeUInt16LE(text.length, 26);
        local.writeUInt16LE(5, 28);
        add(Buffer.concat([local, text, Buffer.from([0x46, 0x42, 1, 0, 0]), data]));
        const extra = Buffer.alloc(options.zip64 ? 28 : 0);
        const central = Buffer.alloc(46);
        central.writeUInt32LE(0x02014b50, 0);
        central.writeUInt16LE(method, 10);
        if (options.zip64) {
            extra.writeUInt16LE(1, 0);
            extra.writeUInt16LE(24, 2);
            extra.writeBigUInt64LE(BigInt(declaredBytes), 4);
            extra.writeBigUInt64LE(BigInt(declaredBytes), 12);
            extra.writeBigUInt64LE(BigInt(offset), 20);
        }
        central.writeUInt32LE(options.zip64 ? 0xffffffff : declaredBytes, 20);
        central.writeUInt32LE(options.zip64 ? 0xffffffff : declaredBytes, 24);
        central.writeUInt16LE(text.length, 28);
        central.writeUInt16LE(extra.length, 30);
        central.writeUInt32LE(options.zip64 ? 0xffffffff : offset, 42);
        directory.push(Buffer.concat([central, text, extra]));
    }
    const start = at;
    add(Buffer.concat(directory));
    const bytes = at - start;
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    if (options.zip64) {
        const end64 = Buffer.alloc(56);
        end64.writeUInt32LE(0x06064b50, 0);
        end64.writeBigUInt64LE(44n, 4);
        end64.writeBigUInt64LE(BigInt(members.length), 24);
        end64.writeBigUInt64LE(BigInt(members.length), 32);
        end64.writeBigUInt64LE(BigInt(bytes), 40);
        end64.writeBigUInt64LE(BigInt(start), 48);
        const locator = Buffer.alloc(20);
        locator.writeUInt32LE(0x07064b50, 0);
        locator.writeBigUInt64LE(BigInt(at), 8);
        add(Buffer.concat([end64, locator]));
        end.fill(0xff, 8, 20);
    } else {
        end.writeUInt16LE(members.length, 8);
        end.writeUInt16LE(members.length, 10);
        end.writeUInt32LE(bytes, 12);
        end.writeUInt32LE(start, 16);
    }
    add(end);
    return new Uint8Array(Buffer.concat(parts));
}

/** Operations as bytes. */
export const op = {
    proto: Buffer.from([0x80, 2]),
    stop: Buffer.from("."),
    mark: Buffer.from("("),
    tuple: Buffer.from("t"),
    emptyTuple: Buffer.from(")"),
    dict: Buffer.from("}"),
    setItems: Buffer.from("u"),
    reduce: Buffer.from("R"),
    build: Buffer.from("b"),
    persistent: Buffer.from("Q"),
    no: Buffer.from([0x89]),
    int: (value: number) => {
        const bytes = Buffer.alloc(5);
        bytes[0] = 0x4a;
        bytes.writeInt32LE(value, 1);
        return bytes;
    },
    text: (value: string) => {
        const bytes = Buffer.from(value);
        const head = Buffer.alloc(5);
        head[0] = 0x58;
        head.writeUInt32LE(bytes.length, 1);
        return Buffer.concat([head, bytes]);
    },
    global: (module: string, name: string) => Buffer.from(`c${module}\n${name}\n`),
};

export interface TorchTensor {
    storage: string;
    key: string;
    length: number;
    offset?: number;
    shape: number[];
    strides?: number[];
    asParameter?: boolean;
}

const tuple = (items: Buffer[]) => Buffer.concat([op.mark, ...items, op.tuple]);
const orderedDict = () =>
    Buffer.concat([op.global("collections", "OrderedDict"), op.emptyTuple, op.reduce]);

export function pickledTensor(tensor: TorchTensor): Buffer {
    const { storage, key, length, offset = 0, shape, asParameter } = tensor;
    const strides =
        tensor.strides ?? shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
    const id = tuple([
        op.text("storage"),
        op.global("torch", storage),
        op.text(key),
        op.text("cpu"),
        op.int(length),
    ]);
    const built = Buffer.concat([
        op.global("torch._utils", "_rebuild_tensor_v2"),
        tuple([
            id,
            op.persistent,
            op.int(offset),
            tuple(shape.map(op.int)),
            tuple(strides.map(op.int)),
            op.no,
            orderedDict(),
        ]),
        op.reduce,
    ]);
    if (!asParameter) return built;
    return Buffer.concat([
        op.global("torch._utils", "_rebuild_parameter"),
        tuple([built, op.no, orderedDict()]),
        op.reduce,
    ]);
}

/** A dictionary; `state`: as `state_dict()` leaves it, an OrderedDict with attributes. */
export function pickle(entries: Record<string, Buffer>, state = false): Uint8Array {
    const items = Object.entries(entries).flatMap(([name, value]) => [op.text(name), value]);
    return new Uint8Array(
        Buffer.concat([
            op.proto,
            state ? orderedDict() : op.dict,
            op.mark,
            ...items,
            op.setItems,
            ...(state
                ? [op.dict, op.mark, op.text("_metadata"), orderedDict(), op.setItems, op.build]
                : []),
            op.stop,
        ]),
    );
}
