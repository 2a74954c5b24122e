// pytorch_model.bin without Python: tensors with their places, and nothing that a hostile file asks for.
import { describe, expect, it } from "vitest";
import { readTensorIndex } from "../../../src/foundry/checkpoint/index";
import { memorySource } from "./memorySource";
import { op, pickle, pickledTensor, zip, type TorchTensor, type ZipMember } from "./torchWriter";

const NUMBERS = Uint8Array.from({ length: 64 }, (_, i) => i);
const half = (more: Partial<TorchTensor> = {}): TorchTensor => ({
    storage: "HalfStorage",
    key: "0",
    length: 32,
    shape: [4, 8],
    ...more,
});

function torchFile(data: Uint8Array, more: ZipMember[] = [], options = {}): Uint8Array {
    return zip(
        [
            { name: "archive/data.pkl", data },
            { name: "archive/byteorder", data: Buffer.from("little") },
            { name: "archive/data/0", data: NUMBERS },
            ...more,
        ],
        options,
    );
}

const read = (file: Uint8Array, name = "pytorch_model.bin") =>
    readTensorIndex(memorySource({ [name]: file }));

describe("tensors of a torch file", () => {
    it.each([
        ["as they are", false, {}],
        ["as a state dictionary with attributes", true, {}],
        ["in an archive with 64-bit sizes", false, { zip64: true }],
    ])("%s", async (_, state, options) => {
        const data = pickle(
            {
                "b.weight": pickledTensor(half()),
                "a.weight": pickledTensor(half({ offset: 8, shape: [2, 8], asParameter: true })),
                "a.bias": pickledTensor({
                    storage: "BFloat16Storage",
                    key: "1",
                    length: 3,
                    shape: [3],
                }),
            },
            state,
        );
        const file = torchFile(
            data,
            [{ name: "archive/data/1", data: new Uint8Array(6) }],
            options,
        );
        const tensors = await read(file);
        expect(tensors.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
            ["b.weight", "F16", [4, 8]],
            ["a.weight", "F16", [2, 8]],
            ["a.bias", "BF16", [3]],
        ]);
        const [b, a] = tensors;
        expect(file.subarray(b!.offset, b!.offset + b!.bytes)).toEqual(NUMBERS);
        expect(file.subarray(a!.offset, a!.offset + a!.bytes)).toEqual(NUMBERS.subarray(16, 48));
    });

    it("of all shards that the index names", async () => {
        const shard = (name: string) => torchFile(pickle({ [name]: pickledTensor(half()) }));
        const files = {
            "pytorch_model-00001-of-00002.bin": shard("a"),
            "pytorch_model-00002-of-00002.bin": shard("b"),
        };
        const index = (b: string) => ({
            weight_map: {
                a: "pytorch_model-00001-of-00002.bin",
                [b]: "pytorch_model-00002-of-00002.bin",
            },
        });
        const whole = memorySource({ ...files, "pytorch_model.bin.index.json": index("b") });
        expect((await readTensorIndex(whole)).map(({ name }) => name)).toEqual(["a", "b"]);
        const other = memorySource({ ...files, "pytorch_model.bin.index.json": index("c") });
        await expect(readTensorIndex(other)).rejects.toThrow(
            /pytorch_model\.bin\.index\.json of memory does not match its files: no file has c/,
        );
        const { "pytorch_model-00001-of-00002.bin": one } = files;
        const partial = memorySource({
            "pytorch_model-00001-of-00002.bin": one,
            "pytorch_model.bin.index.json": index("b"),
        });
        await expect(readTensorIndex(partial)).rejects.toThrow(/00002-of-00002\.bin is missing/);
    });

    it("are left alone where there are safetensors", async () => {
        const source = memorySource({ "pytorch_model.bin": "x", "model.safetensors": "x" });
        await expect(readTensorIndex(source)).rejects.toThrow(/model\.safetensors is not a usable/);
    });
});

describe("hostile pickles", () => {
    const whole = (...bytes: Buffer[]) =>
        new Uint8Array(Buffer.concat([op.proto, ...bytes, op.stop]));
    const inside = (value: Buffer) => pickle({ weight: value });
    const call = (module: string, name: string) =>
        Buffer.concat([op.global(module, name), op.mark, op.text("touch x"), op.tuple, op.reduce]);

    it.each<[string, Uint8Array, RegExp]>([
        ["os.system", whole(call("os", "system")), /os\.system/],
        ["builtins.eval as a tensor", inside(call("builtins", "eval")), /builtins\.eval/],
        ["a torch function that is not needed", inside(call("torch", "load")), /torch\.load/],
        [
            "a name from the stack",
            whole(op.text("os"), op.text("system"), Buffer.from([0x93])),
            /os\.system/,
        ],
        ["an object by INST", whole(op.mark, Buffer.from("ios\nsystem\n")), /operation 0x69/],
        [
            "an object by NEWOBJ",
            whole(op.dict, op.emptyTuple, Buffer.from([0x81])),
            /operation 0x81/,
        ],
        ["an extension code", whole(Buffer.from([0x82, 1])), /operation 0x82/],
        [
            "attributes of a tensor",
            inside(Buffer.concat([pickledTensor(half()), op.dict, op.build])),
            /sets attributes/,
        ],
        ["a text that is called", whole(op.text("x"), op.emptyTuple, op.reduce), /damaged/],
        ["a storage class that is called", whole(call("torch", "HalfStorage")), /damaged/],
        ["a dictionary of dictionaries", inside(op.dict), /weight is not a tensor/],
        ["a list", whole(Buffer.from("]")), /not a dictionary of tensors/],
        ["nothing", whole(), /damaged/],
        ["no end", pickle({}).subarray(0, 4), /cut off/],
        [
            "a text longer than the file",
            whole(Buffer.from([0x58, 0xff, 0xff, 0xff, 0xff])),
            /cut off/,
        ],
        ["an unknown memo", whole(Buffer.from([0x68, 7])), /damaged/],
        ["marks without end", whole(Buffer.alloc(5000, 0x28)), /nested too deeply/],
        ["a negative shape", inside(pickledTensor(half({ shape: [-4, 8] }))), /damaged/],
        [
            "too many dimensions",
            inside(pickledTensor(half({ shape: Array(9).fill(1) }))),
            /damaged/,
        ],
    ])("%s", async (_, data, message) => {
        const error: unknown = await read(torchFile(data)).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: "data/unsupported" });
        expect(String(error)).toMatch(message);
        expect(String(error)).toMatch(/safetensors\/convert/);
    });
});

describe("damaged torch files", () => {
    const good = pickle({ weight: pickledTensor(half()) });
    const tensorOf = (more: Partial<TorchTensor>) =>
        torchFile(pickle({ weight: pickledTensor(half(more)) }));

    it.each<[string, Uint8Array, RegExp]>([
        ["cut off", torchFile(good).subarray(0, 200), /cut off/],
        ["empty", new Uint8Array(), /old format/],
        ["of the time before archives", Buffer.from([0x80, 2, 0x8a, 10, 0x6c]), /old format/],
        ["compressed", zip([{ name: "a/data.pkl", data: good, method: 8 }]), /compressed/],
        ["without a pickle", zip([{ name: "a/b", data: good }]), /no data\.pkl/],
        [
            "with a member beyond its end",
            zip([{ name: "a/data.pkl", data: good, declaredBytes: 1 << 30 }]),
            /lies outside the file/,
        ],
        [
            "with two members of one name",
            torchFile(good, [{ name: "archive/data/0", data: NUMBERS }]),
            /two members called/,
        ],
        [
            "from a big-endian machine",
            zip([
                { name: "a/data.pkl", data: good },
                { name: "a/byteorder", data: Buffer.from("big") },
            ]),
            /little-endian/,
        ],
        ["without a storage", tensorOf({ key: "9" }), /data\/9 is missing/],
        [
            "with a tensor larger than its storage",
            tensorOf({ shape: [5, 8] }),
            /outside its storage/,
        ],
        ["with a tensor behind its storage", tensorOf({ offset: 1 }), /outside its storage/],
        ["with an endless tensor", tensorOf({ shape: [2 ** 30, 2 ** 30] }), /outside its storage/],
        ["with a transposed tensor", tensorOf({ strides: [1, 4] }), /stored transposed/],
        ["with a repeated row", tensorOf({ strides: [0, 1] }), /stored transposed/],
    ])("%s", async (_, file, message) => {
        await expect(read(file)).rejects.toThrow(message);
    });

    it("never reads past its own bytes, wherever a byte is changed", async () => {
        const file = torchFile(good);
        for (let at = 0; at < file.length; at++)
            for (const value of [0, 0x28, 0xff]) {
                const changed = file.slice();
                changed[at] = value;
                const result = await read(changed).catch((reason: unknown) => reason);
                if (Array.isArray(result)) expect(result.length).toBeLessThanOrEqual(1);
                else expect(result).toMatchObject({ name: "AppError" });
            }
    });
});
