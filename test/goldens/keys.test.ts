// Metadata and vocabulary of every golden checkpoint: same keys, same order, same values as llama.cpp's converter writes.
import { describe, expect, it } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { FAMILIES } from "../../src/foundry/family/registry";
import { keysFor, readModel } from "../../src/foundry/model";
import { describeKey, goldenKeys, listGoldens } from "./golden";
import { isOurs } from "./ours";

const FILE_TYPES: Record<string, number> = { f32: 0, f16: 1, bf16: 32, q8_0: 7 };

describe("keys of the converter's files", () => {
    const cases = listGoldens((golden, folder) => isOurs(golden, folder, FAMILIES));

    it.each(cases.map((item) => [item.golden.name, item] as const))("%s", async (_, item) => {
        const { golden, folder } = item;
        const source = await openFolder(folder);
        const model = await readModel(source, {
            pre: golden.pre_forced ?? undefined,
            reference: true,
        });
        for (const [label, fileType] of Object.entries(FILE_TYPES)) {
            if (!golden.files[label]) continue;
            const keys = keysFor(model, fileType, "converter").entries();
            expect(keys.map(([key, entry]) => describeKey(key, entry))).toEqual(
                goldenKeys(golden, label),
            );
        }
    });
});
