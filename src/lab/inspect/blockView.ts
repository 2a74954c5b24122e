/** One real block of a tensor, taken apart: its bytes by field, the scales and quants in them, the values that they stand for. */

import { AppError } from "../../base/errors";
import { GGML_TYPES, type GgmlTypeName } from "../../gguf/types";
import type { BlockView } from "../../protocol/inspector";
import { decodeByCodebook, hasCodebook, readCodebook } from "../blocks/codebooks";
import type { DecodedBlock } from "../blocks/decoded";
import { decodeBlock, LAYOUTS, type BlockField, type BlockLayout } from "../blocks/layouts";
import { toFloats, type Native } from "./floats";
import type { InspectedModel } from "./model";

/** Throws AppError `user/usage` when there is no such tensor or block. */
export async function viewBlock(
    model: InspectedModel,
    { tensor: name, block }: { tensor: string; block: number },
    native: Native,
): Promise<BlockView> {
    const tensor = model.tensor(name);
    const { blockBytes, blockElements } = GGML_TYPES[tensor.type];
    const nBlocks = tensor.nElements / blockElements;
    if (!Number.isInteger(block) || block < 0 || block >= nBlocks)
        throw new AppError(
            "user/usage",
            `This tensor has the blocks 0 to ${nBlocks - 1}; choose one of them`,
        );
    const bytes = await model.read(tensor, block * blockBytes, blockBytes);
    const layout = LAYOUTS[tensor.type];
    const decoded = hasCodebook(tensor.type)
        ? await byCodebook(tensor.type, bytes, native)
        : decodeBlock(tensor.type, bytes);
    const { about, formula, fields } = layout ?? unknownLayout(blockBytes);
    const { groups, quants } = decoded ?? { groups: [], quants: [] };
    return {
        tensor: tensor.name,
        type: tensor.type,
        block,
        nBlocks,
        nValues: blockElements,
        position: tensor.position + block * blockBytes,
        bytes: [...bytes],
        about,
        formula,
        fields: placed(fields),
        groups,
        quants,
        values: decoded && [...decoded.values],
    };
}

/** Undefined where the native part, which has the codebooks, does not work. */
async function byCodebook(
    type: GgmlTypeName,
    bytes: Uint8Array,
    native: Native,
): Promise<DecodedBlock | undefined> {
    const decode = (of: GgmlTypeName, blocks: Uint8Array) => {
        const { blockBytes, blockElements } = GGML_TYPES[of];
        return toFloats(of, blocks, (blocks.length / blockBytes) * blockElements, native);
    };
    const book = native && (await readCodebook(type, decode));
    return book && decodeByCodebook(type, bytes, book);
}

function unknownLayout(bytes: number): BlockLayout {
    return {
        about: "A type that Ingot has no words for.",
        formula: "",
        fields: [{ name: "data", bytes, what: "" }],
    };
}

function placed(fields: readonly BlockField[]): BlockView["fields"] {
    let from = 0;
    return fields.map((field) => {
        const one = { ...field, from };
        from += field.bytes;
        return one;
    });
}
