/**
 * Which model to recommend for a machine, and what a model needs in memory. A table of open code models that fill in the
 * middle; sizes are of the Q4_K_M file. Pure.
 */

export interface KnownModel {
    /** Hub repository with safetensors. */
    repo: string;
    name: string;
    /** Size of the Q4_K_M file in bytes. */
    sizeBytes: number;
    license: string;
    fim: boolean;
}

/** Ordered from small to large; sizes from the published GGUF files (rounded to 10 MB). */
export const KNOWN_MODELS: readonly KnownModel[] = [
    {
        repo: "Qwen/Qwen2.5-Coder-0.5B",
        name: "Qwen2.5-Coder 0.5B",
        sizeBytes: 0.4e9,
        license: "Apache-2.0",
        fim: true,
    },
    {
        repo: "Qwen/Qwen2.5-Coder-1.5B",
        name: "Qwen2.5-Coder 1.5B",
        sizeBytes: 0.99e9,
        license: "Apache-2.0",
        fim: true,
    },
    {
        repo: "bigcode/starcoder2-3b",
        name: "StarCoder2 3B",
        sizeBytes: 1.85e9,
        license: "BigCode OpenRAIL-M",
        fim: true,
    },
    {
        repo: "Qwen/Qwen2.5-Coder-7B",
        name: "Qwen2.5-Coder 7B",
        sizeBytes: 4.68e9,
        license: "Apache-2.0",
        fim: true,
    },
    {
        repo: "Qwen/Qwen2.5-Coder-14B",
        name: "Qwen2.5-Coder 14B",
        sizeBytes: 8.99e9,
        license: "Apache-2.0",
        fim: true,
    },
    {
        repo: "Qwen/Qwen3-Coder-30B-A3B-Instruct",
        name: "Qwen3-Coder 30B-A3B",
        sizeBytes: 18.6e9,
        license: "Apache-2.0",
        fim: true,
    },
];
