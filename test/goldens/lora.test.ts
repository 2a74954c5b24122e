// LoRA adapters: keys, tensors and the whole file as llama.cpp's converter writes them.
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { convertLora } from "../../src/foundry/lora/convert";
import { rejection } from "../support/failure";
import { goldenTensors, listGoldens } from "./golden";
import { makeTempFolder, openNative, readFile } from "./runConvert";

describe("adapters", () => {
    const temp = makeTempFolder();
    afterAll(() => temp.remove());
    const cases = listGoldens(
        ({ kind, base_case }, folder) =>
            kind === "lora" && existsSync(join(dirname(folder), base_case ?? "", "config.json")),
    ).flatMap(({ golden, folder }) =>
        Object.keys(golden.files).map(
            (label) => [`${golden.name} ${label}`, { golden, folder, label }] as const,
        ),
    );

    it("say in one sentence what is in the way of the result, and leave nothing", async () => {
        const [, { golden, folder, label }] = cases[0]!;
        const before = readdirSync(temp.path);
        const file = join(temp.path, "file");
        writeFileSync(file, "x");
        const base = await openFolder(join(dirname(folder), golden.base_case!));
        const toOut = async (out: string) =>
            convertLora({
                adapter: await openFolder(folder),
                base,
                type: label,
                out,
                native: openNative(),
                signal: new AbortController().signal,
            });
        for (const [out, sentence] of [
            [join(file, "out.gguf"), "cannot be created; choose another name or folder"],
            [file, "exists already; choose another name or allow overwriting (--overwrite)"],
            [temp.path, "is a folder; name a file to write"],
        ] as const) {
            const error = await rejection(toOut(out));
            expect(error.code).toBe("env/permission");
            expect(error.message).toContain(sentence);
        }
        expect(readdirSync(temp.path)).toEqual([...before, "file"]);
    });

    it.each(cases)("%s", async (_, { golden, folder, label }) => {
        const out = join(temp.path, "out.gguf");
        const result = await convertLora({
            adapter: await openFolder(folder),
            base: await openFolder(join(dirname(folder), golden.base_case!)),
            type: label,
            out,
            overwrite: true,
            native: openNative(),
            signal: new AbortController().signal,
        });
        const { tensors } = await readFile(out);
        expect(tensors).toEqual(goldenTensors(golden, label));
        const { file_sha256: sha256, file_size: bytes } = golden.files[label]!;
        expect(result).toMatchObject({ sha256, bytes });
    });
});
