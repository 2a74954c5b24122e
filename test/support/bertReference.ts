/** BERT as its paper says it, in double precision, over a checkpoint's own weights: what embeddings are compared with. Written for texts of some tokens. */

import { readFileSync } from "node:fs";

type Matrix = number[][];
interface Config {
    num_hidden_layers: number;
    num_attention_heads: number;
    layer_norm_eps?: number;
}

/** The last layer's vector of each token. `folder`: with config.json and one model.safetensors of F32. */
export function bertStates(folder: string, tokens: readonly number[]): Matrix {
    const config = JSON.parse(readFileSync(`${folder}/config.json`, "utf8")) as Config;
    const weights = readWeights(`${folder}/model.safetensors`);
    const table = (name: string) => weights(`embeddings.${name}.weight`);
    const norm = (rows: Matrix, name: string) =>
        rows.map((row) => layerNorm(row, weights, name, config.layer_norm_eps ?? 1e-12));
    const dense = (rows: Matrix, name: string) => {
        const weight = weights(`${name}.weight`);
        const [bias = []] = weights(`${name}.bias`);
        return rows.map((row) => weight.map((column, i) => dot(column, row) + (bias[i] ?? 0)));
    };
    const words = table("word_embeddings");
    const positions = table("position_embeddings");
    const [kind = []] = table("token_type_embeddings");
    let states = norm(
        tokens.map((token, at) => plus(plus(words[token], positions[at]), kind)),
        "embeddings.LayerNorm",
    );
    for (let layer = 0; layer < config.num_hidden_layers; layer++) {
        const name = `encoder.layer.${layer}`;
        const [query, key, value] = ["query", "key", "value"].map((one) =>
            dense(states, `${name}.attention.self.${one}`),
        ) as [Matrix, Matrix, Matrix];
        const mixed = attend(query, key, value, config.num_attention_heads);
        const attended = dense(mixed, `${name}.attention.output.dense`);
        states = norm(add(states, attended), `${name}.attention.output.LayerNorm`);
        const inner = dense(states, `${name}.intermediate.dense`).map((row) => row.map(gelu));
        const outer = dense(inner, `${name}.output.dense`);
        states = norm(add(states, outer), `${name}.output.LayerNorm`);
    }
    return states;
}

/** Of length 1. */
export function unit(vector: readonly number[]): number[] {
    const length = Math.sqrt(dot(vector, vector));
    return vector.map((value) => value / length);
}

export function mean(rows: Matrix): number[] {
    const [first = []] = rows;
    return first.map((_, i) => rows.reduce((sum, row) => sum + (row[i] ?? 0), 0) / rows.length);
}

export function dot(a: readonly number[], b: readonly number[]): number {
    return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function attend(query: Matrix, key: Matrix, value: Matrix, nHeads: number): Matrix {
    const size = (query[0]?.length ?? 0) / nHeads;
    return query.map((row) =>
        Array.from({ length: nHeads }, (_, head) => {
            const part = (vector: readonly number[]) =>
                vector.slice(head * size, (head + 1) * size);
            const scores = key.map((other) =>
                Math.exp(dot(part(row), part(other)) / Math.sqrt(size)),
            );
            const sum = scores.reduce((total, score) => total + score, 0);
            const values = value.map(part);
            return (values[0] ?? []).map(
                (_, i) =>
                    values.reduce(
                        (total, own, at) => total + (scores[at] ?? 0) * (own[i] ?? 0),
                        0,
                    ) / sum,
            );
        }).flat(),
    );
}

function layerNorm(
    row: readonly number[],
    weights: (name: string) => Matrix,
    name: string,
    epsilon: number,
): number[] {
    const centre = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - centre) ** 2, 0) / row.length;
    const [scale = []] = weights(`${name}.weight`);
    const [shift = []] = weights(`${name}.bias`);
    return row.map(
        (value, i) =>
            ((value - centre) / Math.sqrt(variance + epsilon)) * (scale[i] ?? 0) + (shift[i] ?? 0),
    );
}

/** By the tangent, as llama.cpp has it. */
function gelu(x: number): number {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function plus(a: readonly number[] = [], b: readonly number[] = []): number[] {
    return a.map((value, i) => value + (b[i] ?? 0));
}

function add(a: Matrix, b: Matrix): Matrix {
    return a.map((row, i) => plus(row, b[i]));
}

/** Vectors as a matrix of one row. */
function readWeights(path: string): (name: string) => Matrix {
    const bytes = readFileSync(path);
    const headBytes = Number(bytes.readBigUInt64LE(0));
    const head = JSON.parse(bytes.toString("utf8", 8, 8 + headBytes)) as Record<
        string,
        { shape: number[]; data_offsets: [number, number] }
    >;
    return (name) => {
        const tensor = head[name];
        if (!tensor) throw new Error(`no tensor ${name}`);
        const [rows, columns] =
            tensor.shape.length === 1
                ? [1, tensor.shape[0] ?? 0]
                : (tensor.shape as [number, number]);
        const begin = 8 + headBytes + tensor.data_offsets[0];
        return Array.from({ length: rows }, (_, row) =>
            Array.from({ length: columns }, (_, column) =>
                bytes.readFloatLE(begin + 4 * (row * columns + column)),
            ),
        );
    };
}
