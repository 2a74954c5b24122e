/**
 * What may be handed to llama.cpp: every broken file that ends or hangs it is refused with its sentence, and legitimate files of
 * unusual kinds are not.
 */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ARCHITECTURES } from "../../../src/gguf/architectures";
import { readGguf } from "../../../src/gguf/read";
import { validateModel } from "../../../src/gguf/validate";
import { layoutGguf, type GgufWriteTensor, type GgufWriteValue } from "../../../src/gguf/write";
import { sourceOf } from "./bytes";

type Values = Record<string, GgufWriteValue | undefined>;
interface Change {
    architecture?: string;
    /** `$` in a key stands for the architecture; undefined removes a key. */
    metadata?: Values;
    tensors?: GgufWriteTensor[];
    /** Bytes of the file that are missing at its end. */
    missingBytes?: number;
    memoryBytes?: number;
}

const u32 = (value: number): GgufWriteValue => ({ type: "uint32", value });
const str = (value: string): GgufWriteValue => ({ type: "string", value });
const list = (value: number[]): GgufWriteValue => ({ type: "array[int32]", value });
const words = (value: string[]): GgufWriteValue => ({ type: "array[string]", value });
const f32 = (name: string, ...shape: number[]): GgufWriteTensor => ({ name, shape, type: "F32" });

const TOKENS = ["<s>", "</s>", "a", "b"];
const EMBEDDING = f32("token_embd.weight", 8, 4);
function layers(n: number, ...names: string[]): GgufWriteTensor[] {
    return [
        EMBEDDING,
        ...Array.from({ length: n }, (_, i) => names.map((name) => f32(`blk.${i}.${name}`, 8, 8))),
    ].flat();
}

/** A model of two layers with changes. */
async function validate({ architecture = "llama", ...change }: Change): Promise<void> {
    const metadata: Values = {
        "general.architecture": str(architecture),
        "$.block_count": u32(2),
        "$.embedding_length": u32(8),
        "$.context_length": u32(64),
        "$.attention.head_count": u32(2),
        "tokenizer.ggml.model": str("gpt2"),
        "tokenizer.ggml.tokens": words(TOKENS),
        "tokenizer.ggml.token_type": list([3, 3, 1, 1]),
        "tokenizer.ggml.eos_token_id": u32(1),
        ...change.metadata,
    };
    const entries = Object.entries(metadata).flatMap(([key, value]) =>
        value ? [[key.replace("$", architecture), value] as const] : [],
    );
    const tensors = change.tensors ?? layers(2, "attn_q.weight", "attn_output.weight");
    const { header, fileBytes } = layoutGguf(entries, tensors);
    const size = fileBytes - (change.missingBytes ?? 0);
    const file = await readGguf(sourceOf(header, size));
    validateModel([file], { memoryBytes: change.memoryBytes });
}

const REFUSED: [string, Change, string][] = [
    [
        "a tensor's name beyond llama.cpp's bound",
        { tensors: [...layers(2, "attn_q.weight"), f32("é".repeat(32), 8)] },
        `the name of its tensor ${"é".repeat(32)} is too long`,
    ],
    [
        "block_count 1000000 (SIGABRT)",
        { metadata: { "$.block_count": u32(1_000_000) } },
        "its metadata says llama.block_count = 1000000",
    ],
    [
        "block_count 513 (SIGABRT)",
        { metadata: { "$.block_count": u32(513) } },
        "its metadata says llama.block_count = 513",
    ],
    [
        "block_count 0 (SIGABRT)",
        { metadata: { "$.block_count": u32(0) } },
        "its metadata says llama.block_count = 0",
    ],
    [
        "block_count of another type",
        { metadata: { "$.block_count": { type: "float32", value: 2 } } },
        "its metadata has llama.block_count as float32 instead of uint32",
    ],
    [
        "no block_count",
        { metadata: { "$.block_count": undefined } },
        "its metadata lacks llama.block_count",
    ],
    [
        "block_count one too many",
        { metadata: { "$.block_count": u32(3) } },
        "its metadata says 3 layers and it holds 2",
    ],
    [
        "head_count 0 (SIGABRT)",
        { metadata: { "$.attention.head_count": u32(0) } },
        "its metadata says llama.attention.head_count = 0",
    ],
    [
        "no head_count",
        { metadata: { "$.attention.head_count": undefined } },
        "its metadata lacks llama.attention.head_count",
    ],
    [
        "head_count for fewer layers",
        { metadata: { "$.attention.head_count": list([2]) } },
        "its list llama.attention.head_count is too short",
    ],
    [
        "head_count_kv beyond reason",
        { metadata: { "$.attention.head_count_kv": list([2, -1]) } },
        "its metadata says llama.attention.head_count_kv = -1",
    ],
    [
        "more experts than llama.cpp's bound (SIGABRT)",
        { metadata: { "$.expert_count": u32(1025), "$.expert_used_count": u32(2) } },
        "its metadata says llama.expert_count = 1025",
    ],
    [
        "experts of which none is used (SIGABRT)",
        { metadata: { "$.expert_count": u32(8) } },
        "its metadata says llama.expert_used_count = 0",
    ],
    [
        "more experts used than there are (SIGABRT)",
        { metadata: { "$.expert_count": u32(8), "$.expert_used_count": list([2, 9]) } },
        "its metadata says llama.expert_used_count = 9",
    ],
    [
        "experts used in a dense model (SIGABRT)",
        { metadata: { "$.expert_used_count": u32(2) } },
        "its metadata says llama.expert_used_count = 2",
    ],
    [
        "groups that do not divide the experts (SIGABRT)",
        {
            metadata: {
                "$.expert_count": u32(8),
                "$.expert_used_count": u32(2),
                "$.expert_group_count": u32(3),
                "$.expert_group_used_count": u32(1),
            },
        },
        "its metadata says llama.expert_group_count = 3",
    ],
    [
        "more extra layers than layers (SIGABRT)",
        { metadata: { "$.nextn_predict_layers": u32(3) } },
        "its metadata says llama.nextn_predict_layers = 3",
    ],
    [
        "an unknown rope scaling (SIGABRT)",
        { metadata: { "$.rope.scaling.type": str("magic") } },
        "its metadata says llama.rope.scaling.type = magic",
    ],
    [
        "another embedding length",
        { metadata: { "$.embedding_length": u32(16) } },
        "its embedding has rows of 8 values where its metadata says 16",
    ],
    [
        "a tensor twice",
        { tensors: [...layers(2, "attn_q.weight"), f32("blk.1.attn_q.weight", 8, 8)] },
        "it has the tensor blk.1.attn_q.weight twice",
    ],
    [
        "a token twice (SIGABRT)",
        { metadata: { "tokenizer.ggml.tokens": words(["a", "b", "c", "a"]) } },
        "its vocabulary has the same token twice",
    ],
    [
        "a token twice up to a NUL, where llama.cpp cuts (SIGABRT)",
        { metadata: { "tokenizer.ggml.tokens": words(["a", "b", "c", "a\0b"]) } },
        "its vocabulary has the same token twice",
    ],
    [
        "a token that looks like llama.cpp's name for an empty one (SIGABRT)",
        { metadata: { "tokenizer.ggml.tokens": words(["a", "", "c", "[EMPTY_1]"]) } },
        "its vocabulary has the same token twice",
    ],
    [
        "eos beyond the vocabulary",
        { metadata: { "tokenizer.ggml.eos_token_id": u32(4) } },
        "its tokenizer.ggml.eos_token_id is not in its vocabulary",
    ],
    [
        "a list of token types that is too short",
        { metadata: { "tokenizer.ggml.token_type": list([1]) } },
        "its list tokenizer.ggml.token_type is shorter than its vocabulary",
    ],
    [
        "a vocabulary of numbers",
        { metadata: { "tokenizer.ggml.tokens": list([1, 2]) } },
        "its vocabulary is not a list of texts",
    ],
    ["no vocabulary", { metadata: { "tokenizer.ggml.tokens": undefined } }, "it has no vocabulary"],
    [
        "a tokenizer of the kind none (SIGABRT when text comes)",
        { metadata: { "tokenizer.ggml.model": str("none") } },
        "it has no vocabulary",
    ],
    ["a vocabulary alone", { tensors: [] }, "it has no tensors, only metadata"],
    [
        "the last 100 bytes missing",
        { missingBytes: 100 },
        "it ends inside the data of blk.1.attn_output.weight, at least 100 bytes are missing; download it again",
    ],
    [
        "all data missing",
        { missingBytes: 128 + 4 * 256 },
        "it ends inside the data of token_embd.weight, at least 128 bytes are missing; download it again",
    ],
    [
        "a LoRA adapter",
        { metadata: { "general.type": str("adapter") } },
        "it is an adapter (LoRA) for a model; choose the model itself",
    ],
    [
        "the vision part of a model",
        { architecture: "clip", metadata: { "general.type": str("mmproj") } },
        "it is the part of a model that sees images; choose the model itself",
    ],
    [
        "an importance matrix",
        { metadata: { "general.type": str("imatrix"), "general.architecture": undefined } },
        "it is an importance matrix for quantizing; choose a model",
    ],
    [
        "another kind",
        { metadata: { "general.type": str("x\ny") } },
        "it holds x?y data, not a model",
    ],
    [
        "no architecture",
        { metadata: { "general.architecture": undefined } },
        "it does not name its architecture",
    ],
];

const ADVICE = "; download it again or choose another model";

describe("validateModel refuses", () => {
    it.each(REFUSED)("%s", async (_, change, sentence) => {
        await expect(validate(change)).rejects.toMatchObject({
            code: "data/gguf",
            message: `The file is not a usable GGUF model: ${sentence}${sentence.includes(";") ? "" : ADVICE}`,
        });
    });

    it("an unknown architecture, by its name", async () => {
        await expect(validate({ architecture: "frob" })).rejects.toMatchObject({
            code: "data/unsupported",
            message:
                "This version of Ingot cannot run models of the architecture frob; choose another model",
        });
        // Known to llama.cpp, but no language models.
        for (const architecture of ["clip", "wavtokenizer-dec"])
            await expect(validate({ architecture })).rejects.toThrow(architecture);
    });

    it("a model larger than memory, with both sizes", async () => {
        const big = f32("big.weight", 1 << 20, 1 << 14);
        const tensors = [...layers(2, "attn_q.weight"), big];
        await expect(validate({ tensors, memoryBytes: 24e9 })).rejects.toMatchObject({
            code: "env/memory",
            message:
                "The model needs 68.7 GB of memory and this computer has 24.0 GB; choose a smaller model or type",
        });
        await validate({ tensors, memoryBytes: 70e9 });
    });

    it("a tensor off its alignment, or beyond the file", async () => {
        const { header, fileBytes } = layoutGguf(
            [
                ["general.architecture", str("llama")],
                ["llama.block_count", u32(1)],
            ],
            [EMBEDDING, f32("last", 8)],
        );
        const size = fileBytes;
        const withOffset = async (offset: bigint) => {
            const bytes = Buffer.from(header);
            // The offset ends the last tensor's entry: "last", n_dims, one dimension, type, offset.
            bytes.writeBigUInt64LE(offset, bytes.lastIndexOf("last") + 4 + 4 + 8 + 4);
            const file = await readGguf(sourceOf(bytes, size));
            validateModel([file]);
        };
        await expect(withOffset(129n)).rejects.toThrow("its tensor last is not aligned");
        await expect(withOffset(2n ** 40n)).rejects.toThrow("it ends inside the data of last");
        await expect(withOffset(2n ** 64n - 32n)).rejects.toThrow("it ends inside the data");
    });
});

const ACCEPTED: [string, Change][] = [
    ["the model that the others change", {}],
    [
        "gemma3: a head length of its own",
        {
            architecture: "gemma3",
            metadata: { "$.attention.key_length": u32(256), "$.attention.head_count_kv": u32(1) },
        },
    ],
    [
        "mamba: no heads",
        {
            architecture: "mamba",
            metadata: { "$.attention.head_count": u32(0) },
            tensors: layers(2, "ssm_in.weight", "ssm_out.weight"),
        },
    ],
    [
        "rwkv7: heads not named",
        {
            architecture: "rwkv7",
            metadata: { "$.attention.head_count": undefined },
            tensors: layers(2, "time_mix_key.weight", "attn_norm.weight"),
        },
    ],
    [
        "granitehybrid: heads per layer, some without",
        {
            architecture: "granitehybrid",
            metadata: { "$.attention.head_count_kv": list([0, 2]) },
            tensors: [...layers(1, "ssm_in.weight"), f32("blk.1.attn_q.weight", 8, 8)],
        },
    ],
    [
        "bert: an encoder with its own tokenizer",
        {
            architecture: "bert",
            metadata: { "tokenizer.ggml.model": str("bert") },
            tensors: layers(2, "attn_qkv.weight", "attn_output.weight"),
        },
    ],
    [
        "t5: layers of encoder and decoder",
        {
            architecture: "t5",
            tensors: [EMBEDDING, f32("enc.blk.0.attn_q.weight", 8, 8)],
        },
    ],
    [
        "mixtral: experts",
        {
            metadata: { "$.expert_count": u32(8), "$.expert_used_count": u32(2) },
            tensors: layers(2, "attn_q.weight", "ffn_gate_exps.weight"),
        },
    ],
    [
        "deepseek: experts in groups, only in later layers",
        {
            architecture: "deepseek2",
            metadata: {
                "$.expert_count": u32(256),
                "$.expert_used_count": list([0, 8]),
                "$.expert_group_count": u32(8),
                "$.expert_group_used_count": u32(4),
            },
        },
    ],
    [
        "hunyuan-dense: one expert",
        { architecture: "hunyuan-dense", metadata: { "$.expert_count": u32(1) } },
    ],
    [
        "glm4moe: the layer that predicts further tokens left out",
        {
            architecture: "glm4moe",
            metadata: { "$.block_count": u32(3), "$.nextn_predict_layers": u32(1) },
        },
    ],
    [
        "deci: a last layer with no tensors",
        {
            architecture: "deci",
            metadata: { "$.block_count": u32(3), "$.attention.head_count": list([2, 2, 0]) },
        },
    ],
    [
        "empty tokens, as padding of a vocabulary",
        { metadata: { "tokenizer.ggml.tokens": words(["a", "", "b", ""]) } },
    ],
    [
        "tokens that differ in a byte order mark",
        { metadata: { "tokenizer.ggml.tokens": words(["a", "\ufeffa", "\ufeff", ""]) } },
    ],
    ["no end token", { metadata: { "tokenizer.ggml.eos_token_id": u32(0xffffffff) } }],
    [
        "a separator beyond the vocabulary, which llama.cpp ignores",
        { metadata: { "tokenizer.ggml.seperator_token_id": u32(4_000) } },
    ],
    ["yarn", { metadata: { "$.rope.scaling.type": str("yarn") } }],
    ["a file that says it is a model", { metadata: { "general.type": str("model") } }],
];

describe("validateModel accepts", () => {
    it.each(ACCEPTED)("%s", async (_, change) => {
        await validate(change);
    });

    it("the starter model", async () => {
        const bytes = readFileSync(
            resolve(import.meta.dirname, "../../../models/starter/starter-q8_0.gguf"),
        );
        const file = await readGguf(sourceOf(bytes));
        validateModel([file], { memoryBytes: 1e9 });
        expect(ARCHITECTURES.has("llama")).toBe(true);
    });

    it("the starter model only when it is whole", async () => {
        const bytes = readFileSync(
            resolve(import.meta.dirname, "../../../models/starter/starter-q8_0.gguf"),
        );
        for (const missing of [100, 1_000_000]) {
            const size = bytes.length - missing;
            const file = await readGguf(sourceOf(bytes, size));
            expect(() => validateModel([file])).toThrow("it ends inside the data of");
        }
    });
});

it.each([
    ["over another", -32],
    ["behind a gap", 32],
])("refuses data of a tensor that lies %s, as llama.cpp does", async (_, shift) => {
    const { header, fileBytes } = layoutGguf(
        [
            ["general.architecture", str("llama")],
            ["llama.block_count", u32(1)],
            ["llama.embedding_length", u32(8)],
            ["llama.context_length", u32(64)],
            ["llama.attention.head_count", u32(2)],
            ["tokenizer.ggml.model", str("gpt2")],
            ["tokenizer.ggml.tokens", words(TOKENS)],
        ],
        layers(1, "attn_q.weight", "attn_output.weight"),
    );
    const file = await readGguf(sourceOf(header, fileBytes + 32));
    const [, second] = file.tensors;
    expect(second?.offset).toBe(128);
    expect(() => validateModel([file])).not.toThrow(/does not follow/);
    if (second) second.offset += shift;
    expect(() => validateModel([file])).toThrow(
        /data of its tensor "?blk\.0\.attn_q\.weight"? does not follow/,
    );
});
