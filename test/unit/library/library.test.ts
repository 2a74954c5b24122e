/** The library: what is listed, found by name, removed; broken files are listed with their reason. */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listModels, removeModel, resolveModel } from "../../../src/library/library";
import { rejection } from "../../support/failure";
import { tinyGguf, tinyParts } from "../../support/tinyGguf";

let root: string;
let starter: string;
let folder: string;

beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "ingot-library-"));
    folder = join(root, "models");
    starter = join(root, "starter-q8_0.gguf");
    mkdirSync(folder);
    writeFileSync(starter, tinyGguf());
    writeFileSync(join(folder, "zeta.gguf"), tinyGguf());
    writeFileSync(
        join(folder, "alpha.gguf"),
        tinyGguf({ keys: { "general.file_type": undefined } }),
    );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const names = async () => (await listModels(starter, folder)).map(({ name }) => name);

describe("listModels", () => {
    it("lists the starter first, then the folder by name, with what the headers say", async () => {
        const size = tinyGguf().length;
        const models = await listModels(starter, folder);
        expect(models.map(({ name, origin }) => [name, origin])).toEqual([
            ["starter", "starter"],
            ["alpha", "own"],
            ["zeta", "own"],
        ]);
        expect(models[0]).toEqual({
            name: "starter",
            path: starter,
            sizeBytes: size,
            origin: "starter",
            fileType: "Q8_0",
            architecture: "llama",
        });
        expect(models[1]?.fileType).toBeUndefined();
    });

    it("lists no importance matrix, by whichever name", async () => {
        const type = { type: "string", value: "imatrix" } as const;
        const matrix = tinyGguf({ keys: { "general.type": type } });
        for (const name of ["alpha.imatrix.gguf", "measured.gguf"])
            writeFileSync(join(folder, name), matrix);
        writeFileSync(join(folder, "imatrix-quantized.gguf"), tinyGguf());
        expect(await names()).toEqual(["starter", "alpha", "imatrix-quantized", "zeta"]);
    });

    it("lists a broken file with what is wrong with it", async () => {
        writeFileSync(join(folder, "broken.gguf"), "no model at all");
        writeFileSync(join(folder, "cut.gguf"), tinyGguf().subarray(0, 200));
        writeFileSync(join(folder, "empty.gguf"), "");
        const models = await listModels(starter, folder);
        const problems = Object.fromEntries(models.map(({ name, problem }) => [name, problem]));
        expect(problems).toMatchObject({ starter: undefined, alpha: undefined, zeta: undefined });
        expect(problems["broken"]).toContain("does not begin with the letters GGUF");
        expect(problems["cut"]).toContain("ends inside");
        expect(problems["empty"]).toContain("too short");
    });

    it("lists neither folders, nor other files, nor unfinished ones", async () => {
        mkdirSync(join(folder, "folder.gguf"));
        writeFileSync(join(folder, "notes.txt"), "x");
        writeFileSync(join(folder, "beta.gguf.123.part"), tinyGguf());
        expect(await names()).toEqual(["starter", "alpha", "zeta"]);
    });

    it("is happy with a folder that does not exist, and without a starter", async () => {
        expect(await listModels(join(root, "none.gguf"), join(root, "none"))).toEqual([]);
    });
});

describe("a split model", () => {
    const name = (part: number) => `m-0000${part}-of-00003.gguf`;
    const put = (part: number, bytes = tinyParts(3)[part - 1] ?? "") =>
        writeFileSync(join(folder, name(part)), bytes);
    const listed = async () => {
        const all = await listModels(starter, folder);
        return all.filter((model) => model.name.startsWith("m-"));
    };

    it("is one model: the first part's name and facts, the size of all", async () => {
        for (const part of [1, 2, 3]) put(part);
        const sizeBytes = tinyParts(3).reduce((sum, bytes) => sum + bytes.length, 0);
        expect(await listed()).toEqual([
            {
                name: "m-00001-of-00003",
                path: join(folder, name(1)),
                sizeBytes,
                origin: "own",
                fileType: "Q8_0",
                architecture: "llama",
            },
        ]);
        const path = await resolveModel("m-00001-of-00003", starter, folder);
        expect(path).toBe(join(folder, name(1)));
    });

    it("is listed with what is missing, and seen when it comes", async () => {
        put(1);
        put(3);
        expect((await listed()).map(({ problem }) => problem)).toEqual([
            "m-00001-of-00003.gguf is part 1 of a model in 3 files, and m-00002-of-00003.gguf is missing beside it; put all 3 files into one folder",
        ]);
        put(2);
        expect((await listed()).map(({ problem }) => problem)).toEqual([undefined]);
    });

    it("is listed once when its first part is missing", async () => {
        put(2);
        put(3);
        const [only, ...more] = await listed();
        expect(more).toEqual([]);
        expect(only?.problem).toBe(
            "m-00002-of-00003.gguf is part 2 of a model in 3 files; choose the first, m-00001-of-00003.gguf",
        );
    });

    it("is refused when a part is another model's, or has a strange name", async () => {
        put(1);
        put(2, tinyGguf());
        put(3);
        expect((await listed())[0]?.problem).toContain("do not belong to one model");
        writeFileSync(join(folder, "m-renamed.gguf"), tinyParts(3)[1] ?? "");
        const renamed = (await listed()).find((model) => model.name === "m-renamed");
        expect(renamed?.problem).toContain(
            "does not end as llama.cpp wants it, like NAME-00002-of-00003.gguf",
        );
    });

    it("is removed with all of its parts, also when some are missing, and nothing else", async () => {
        for (const part of [1, 3]) put(part);
        writeFileSync(join(folder, "m-00001-of-00002.gguf"), tinyParts(2)[0] ?? "");
        await removeModel("m-00001-of-00003", starter, folder);
        expect(await names()).toEqual(["starter", "alpha", "m-00001-of-00002", "zeta"]);
    });
});

describe("resolveModel", () => {
    it("finds the starter, names, file names and paths", async () => {
        const find = (name: string) => resolveModel(name, starter, folder);
        expect(await find("starter")).toBe(starter);
        expect(await find("zeta")).toBe(join(folder, "zeta.gguf"));
        expect(await find("zeta.gguf")).toBe(join(folder, "zeta.gguf"));
        expect(await find(join(folder, "alpha.gguf"))).toBe(join(folder, "alpha.gguf"));
    });

    it("says which names there are", async () => {
        const error = await rejection(resolveModel("omega", starter, folder));
        expect(error.code).toBe("user/no-model");
        expect(error.message).toContain("starter, alpha, zeta");
    });
});

describe("removeModel", () => {
    it("deletes a model of the folder and nothing else", async () => {
        const removed = await removeModel("alpha", starter, folder);
        expect(removed.path).toBe(join(folder, "alpha.gguf"));
        expect(await names()).toEqual(["starter", "zeta"]);
    });

    it.each([
        ["starter", "env/permission"],
        ["omega", "user/no-model"],
        ["../starter-q8_0", "user/no-model"],
    ])("refuses %s", async (name, code) => {
        expect((await rejection(removeModel(name, starter, folder))).code).toBe(code);
        expect(existsSync(starter)).toBe(true);
        expect(await names()).toHaveLength(3);
    });
});
