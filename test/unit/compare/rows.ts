// Comparisons to test with: what is not said is usual.
import type { Comparison, CompareRow } from "../../../src/protocol/compare";

export function row(type: string, mb: number, more: Partial<CompareRow> = {}): CompareRow {
    return {
        file: `coder-${type}.gguf`,
        type,
        label: type,
        bytes: mb * 1e6,
        bitsPerWeight: (mb * 8) / 500,
        isReference: false,
        isKept: false,
        state: "done",
        missing: {},
        ...more,
    };
}

export function comparison(
    rows: readonly CompareRow[],
    more: Partial<Comparison> = {},
): Comparison {
    return {
        ingotComparison: 1,
        model: "coder",
        nParameters: 500e6,
        startedAt: "2026-11-27T01:00:00.000Z",
        state: "done",
        machine: { cpu: "Test CPU, 2 cores", ramBytes: 16e9, contextTokens: 8192 },
        text: { label: "3 files", bytes: 50_000, nChunks: 8, contextTokens: 512 },
        rows: [...rows],
        ...more,
    };
}

export const REFERENCE = row("F16", 1000, {
    isReference: true,
    isKept: true,
    ppl: 10,
    pplError: 0.1,
});
