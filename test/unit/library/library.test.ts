/** The library: what is listed, found by name, removed; broken files are listed with their reason. */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listModels, removeModel, resolveModel } from "../../../src/library/library";
import { rejection } from "../../support/failure";
import { tinyGguf } from "../../support/tinyGguf";

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
