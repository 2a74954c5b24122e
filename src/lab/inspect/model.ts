/**
 * An opened model: the headers of its file or files, the bytes behind them, and why the engine would refuse it. Reads headers only. A file that
 * can be read at all is shown, whatever the engine thinks of it.
 */

import { AppError } from "../../base/errors";
import { quote } from "../../gguf/broken";
import { arrayOf, numberOf, stringOf } from "../../gguf/metadata";
import { partPlace } from "../../gguf/parts";
import { readGguf, type GgufArray, type GgufFile, type GgufTensor } from "../../gguf/read";
import { validateModel } from "../../gguf/validate";
import { partPath, splitName } from "../../library/ggufNames";
import { counted, type ModelBytes, type ModelFiles } from "./files";

/** The largest headers in use have 15 MB; what is opened to be looked at shall not take the memory that a model would. */
const MAX_HEADER_BYTES = 32 * 1024 * 1024;
/** A hostile file may say that it is one of 65,535. */
const MAX_PARTS = 1000;

export interface ModelPart {
    bytes: ModelBytes;
    header: GgufFile;
}

/** A tensor and where it is. */
export interface PlacedTensor extends GgufTensor {
    part: number;
    /** In its file. */
    position: number;
}

export class InspectedModel {
    /** In the order of the files. */
    readonly tensors: readonly PlacedTensor[];

    private constructor(
        private readonly files: ReturnType<typeof counted>,
        readonly parts: readonly ModelPart[],
        readonly problem: string | undefined,
    ) {
        this.tensors = parts.flatMap(({ header }, part) =>
            header.tensors.map((tensor) => ({
                ...tensor,
                part,
                position: header.dataOffset + tensor.offset,
            })),
        );
    }

    /** Throws AppError `data/gguf` when the header cannot be read, or what opening the file threw. */
    static async open(given: ModelFiles): Promise<InspectedModel> {
        const files = counted(given);
        const first = await readPart(files, files.name);
        const others: ModelPart[] = [];
        let problem: string | undefined;
        try {
            for (const name of await otherParts(files, first.header))
                others.push(await readPart(files, name));
            validateModel([first, ...others].map(({ header }) => header));
        } catch (error) {
            if (!(error instanceof AppError)) throw error;
            problem = error.message;
        }
        const parts = [first, ...others];
        const cut = parts.find(({ header }) => isCut(header));
        if (cut) problem = `${cut.bytes.name} ends inside its tensor data; download it again`;
        return new InspectedModel(files, parts, problem);
    }

    get where(): string {
        return this.files.where;
    }

    get name(): string {
        return this.files.name;
    }

    /** Of all files, so far. */
    get readBytes(): number {
        return this.files.nBytes;
    }

    /** Has the metadata. */
    get first(): GgufFile {
        return this.part(0).header;
    }

    part(index: number): ModelPart {
        const part = this.parts[index];
        if (!part) throw new AppError("bug/internal", `There is no part ${index}`);
        return part;
    }

    get sizeBytes(): number {
        return this.parts.reduce((sum, { header }) => sum + header.sizeBytes, 0);
    }

    get architecture(): string | undefined {
        return stringOf(this.first, "general.architecture");
    }

    text(key: string): string | undefined {
        return stringOf(this.first, key);
    }

    /** By its name without the architecture. */
    number(key: string): number | undefined {
        return numberOf(this.first, `${this.architecture ?? ""}.${key}`);
    }

    get vocabulary(): GgufArray | undefined {
        const tokens = arrayOf(this.first, "tokenizer.ggml.tokens");
        return tokens?.elementType === "string" ? tokens : undefined;
    }

    /** Throws AppError `user/usage` when there is none of that name. */
    tensor(name: string): PlacedTensor {
        const tensor = this.tensors.find((one) => one.name === name);
        if (tensor) return tensor;
        throw new AppError("user/usage", `The model has no tensor ${quote(name)}`);
    }

    /** Bytes of a tensor's data. Throws AppError `data/gguf` when the file ends before. */
    async read(tensor: PlacedTensor, offset: number, length: number): Promise<Uint8Array> {
        const { bytes } = this.part(tensor.part);
        const from = tensor.position + offset;
        if (from + length > bytes.size)
            throw new AppError(
                "data/gguf",
                `The file ends inside the tensor ${quote(tensor.name)}; download it again`,
            );
        return bytes.read(from, length);
    }

    async close(): Promise<void> {
        await Promise.all(this.parts.map(({ bytes }) => bytes.close()));
    }
}

async function readPart(files: ModelFiles, name: string): Promise<ModelPart> {
    const bytes = await files.open(name);
    try {
        return { bytes, header: await readGguf(bytes, MAX_HEADER_BYTES) };
    } catch (error) {
        await bytes.close();
        throw error;
    }
}

/** Names of the other parts. Throws AppError `user/no-model` when this is not the first, or one is missing. */
async function otherParts(files: ModelFiles, header: GgufFile): Promise<string[]> {
    const place = partPlace(header);
    if (!place) return [];
    const { index, nParts } = place;
    const what = `${files.name} is part ${index + 1} of a model in ${nParts} files`;
    const split = splitName(files.name);
    if (index > 0 || !split || split.part !== 1 || split.nParts !== nParts || nParts > MAX_PARTS)
        throw new AppError(
            "user/no-model",
            `${what}; open the first one to see the whole model, under a name like ${partPath("NAME", 1, nParts)}`,
        );
    const there = new Set(await files.names());
    const names = Array.from({ length: nParts - 1 }, (_, i) => partPath(split.stem, i + 2, nParts));
    const missing = names.find((name) => !there.has(name));
    if (missing === undefined) return names;
    throw new AppError(
        "user/no-model",
        `${what}, and ${missing} is missing beside it; put all ${nParts} files into one folder`,
    );
}

function isCut({ tensors, dataOffset, sizeBytes }: GgufFile): boolean {
    return tensors.some(({ offset, sizeBytes: size }) => dataOffset + offset + size > sizeBytes);
}
