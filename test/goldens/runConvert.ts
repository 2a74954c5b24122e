/** Runs a conversion in this process and reads the result back: what the golden suites compare. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { convert, type LayoutOptions } from "../../src/foundry/pipeline";
import { readGguf, type GgufFile } from "../../src/gguf/read";
import { loadNative, platformBins, type NativeAddon } from "../../src/node/native";
import type { ConvertEvent, ConvertParams, ConvertResult } from "../../src/protocol/worker";
import { sha256, type GoldenTensor } from "./golden";

let addon: NativeAddon | undefined;

export function openNative(): NativeAddon {
    if (addon) return addon;
    addon = loadNative();
    addon.open({ dir: platformBins("") ?? "", variant: "" });
    return addon;
}

export function makeTempFolder(): { path: string; remove(): void } {
    const path = mkdtempSync(join(tmpdir(), "ingot-goldens-"));
    return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface RunOptions extends LayoutOptions {
    signal?: AbortSignal;
    freeBytes?: (folder: string) => Promise<number | undefined>;
    onEvent?: (event: ConvertEvent) => void;
    native?: NativeAddon;
}

export async function runConvert(
    params: Omit<ConvertParams, "source"> & { folder: string },
    options: RunOptions = {},
): Promise<ConvertResult> {
    const { folder, ...rest } = params;
    const run = convert(
        { ...rest, source: { kind: "folder", path: folder } },
        options.signal ?? new AbortController().signal,
        {
            openSource: async () => openFolder(folder),
            native: options.native ?? openNative(),
            freeBytes: options.freeBytes,
        },
        options,
    );
    for (;;) {
        const next = await run.next();
        if (next.done) return next.value;
        options.onEvent?.(next.value);
    }
}

export async function readFile(path: string): Promise<{ file: GgufFile; tensors: GoldenTensor[] }> {
    const bytes = readFileSync(path);
    const file = await readGguf({
        size: bytes.length,
        read: async (offset, length) => bytes.subarray(offset, offset + length),
    });
    const tensors = file.tensors.map(({ name, shape, type, offset, sizeBytes }) => {
        const at = file.dataOffset + offset;
        return { name, shape, type, sha256: sha256(bytes.subarray(at, at + sizeBytes)) };
    });
    return { file, tensors };
}

/** A string that matches, for use inside toMatchObject. */
export function matching(expression: RegExp): unknown {
    return expect.stringMatching(expression);
}
