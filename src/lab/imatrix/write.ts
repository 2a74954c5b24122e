/**
 * Importance matrices to bytes: llama.cpp's GGUF layout and its older .dat files. Formats: tools/imatrix of llama.cpp v0.5.0; the
 * bytes are those of llama-imatrix for the same sums, counts and names.
 */

import { layoutGguf, type GgufWriteTensor, type GgufWriteValue } from "../../gguf/write";
import { chunkCount, type Imatrix } from "./matrix";

export function imatrixBytes(matrix: Imatrix, format: "gguf" | "dat"): Uint8Array {
    return format === "gguf" ? ggufBytes(matrix) : legacyBytes(matrix);
}

function sorted({ entries }: Imatrix) {
    return [...entries].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function ggufBytes(matrix: Imatrix): Uint8Array {
    const metadata: [string, GgufWriteValue][] = [
        ["general.type", { type: "string", value: "imatrix" }],
        ["imatrix.datasets", { type: "array[string]", value: matrix.datasets }],
        ["imatrix.chunk_count", { type: "uint32", value: chunkCount(matrix) }],
        ["imatrix.chunk_size", { type: "uint32", value: matrix.chunkTokens }],
    ];
    const tensors: GgufWriteTensor[] = [];
    const values: (Float32Array | Float64Array)[] = [];
    for (const [weight, { sums, counts }] of sorted(matrix)) {
        const nColumns = sums.length / counts.length;
        // ggml counts no dimension of 1 at the end.
        const matrices = counts.length > 1 ? [counts.length] : [];
        tensors.push(
            { name: `${weight}.in_sum2`, shape: [nColumns, ...matrices], type: "F32" },
            { name: `${weight}.counts`, shape: [1, ...matrices], type: "F32" },
        );
        values.push(sums, counts);
    }
    const layout = layoutGguf(metadata, tensors);
    const bytes = new Uint8Array(layout.fileBytes);
    bytes.set(layout.header);
    const view = new DataView(bytes.buffer);
    layout.tensors.forEach(({ position }, i) =>
        values[i]?.forEach((value, k) => view.setFloat32(position + 4 * k, value, true)),
    );
    return bytes;
}

/** Holds means times the number of chunks; entries without any row are left out. */
function legacyBytes(matrix: Imatrix): Uint8Array {
    const out: Uint8Array[] = [];
    const int = (value: number) => {
        const bytes = Buffer.alloc(4);
        bytes.writeInt32LE(value);
        out.push(bytes);
    };
    const text = (value: string) => {
        const bytes = Buffer.from(value);
        int(bytes.length);
        out.push(bytes);
    };
    const entries = sorted(matrix).filter(([, { counts }]) => counts.some((count) => count > 0));
    int(entries.length);
    for (const [weight, { sums, counts }] of entries) {
        const nCalls = Math.ceil(Math.max(...counts) / matrix.chunkTokens);
        const nColumns = sums.length / counts.length;
        text(weight);
        int(nCalls);
        int(sums.length);
        const values = Buffer.alloc(sums.length * 4);
        sums.forEach((sum, i) => {
            const count = counts[Math.trunc(i / nColumns)] ?? 0;
            // In floats, as llama-imatrix computes it.
            const mean = count > 0 ? Math.fround(sum / Math.fround(count)) : 1;
            values.writeFloatLE(Math.fround(mean * nCalls), 4 * i);
        });
        out.push(values);
    }
    int(chunkCount(matrix));
    text(matrix.datasets.at(-1) ?? "");
    return Buffer.concat(out);
}
