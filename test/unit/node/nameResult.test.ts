// A result gets its name: what is in its place stays unless it may be replaced, and the result is never lost.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nameResult, nameResults } from "../../../src/node/nameResult";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ingot-name-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(at(name), "utf8");
const { pid } = process;

function part(name: string): { part: string; path: string } {
    writeFileSync(at(`${name}.${pid}.part`), name);
    return { part: at(`${name}.${pid}.part`), path: at(name) };
}

describe("a result that gets its name", () => {
    it("replaces what it may", async () => {
        writeFileSync(at("a.gguf"), "theirs");
        const { part: from, path } = part("a.gguf");
        await nameResult(from, path, true);
        expect(readdirSync(folder)).toEqual(["a.gguf"]);
        expect(text("a.gguf")).toBe("a.gguf");
    });

    it("leaves what an earlier process of its id has set aside", async () => {
        writeFileSync(at("a.gguf"), "theirs");
        writeFileSync(at(`a-${pid}.gguf`), "earlier");
        const { part: from, path } = part("a.gguf");
        await expect(nameResult(from, path, false)).rejects.toThrow(
            `${path} exists already: it came there meanwhile, and stays; the result is a-${pid}-2.gguf beside it`,
        );
        expect(text("a.gguf")).toBe("theirs");
        expect(text(`a-${pid}.gguf`)).toBe("earlier");
        expect(text(`a-${pid}-2.gguf`)).toBe("a.gguf");
    });

    it("is not lost when its place cannot be replaced any more", async () => {
        mkdirSync(at("a.gguf"));
        const { part: from, path } = part("a.gguf");
        await expect(nameResult(from, path, true)).rejects.toThrow(
            `${path} cannot be written to any more; the result is a-${pid}.gguf beside it`,
        );
        expect(readdirSync(folder).sort()).toEqual([`a-${pid}.gguf`, "a.gguf"]);
    });

    it("in several files has all names or none", async () => {
        const names = [1, 2, 3].map((n) => `a-0000${n}-of-00003.gguf`);
        const files = names.map(part);
        writeFileSync(at(names[0] ?? ""), "theirs");
        await expect(nameResults(files, false)).rejects.toThrow(
            `the result is a-${pid}-00001-of-00003.gguf to a-${pid}-00003-of-00003.gguf beside it`,
        );
        const asides = names.map((name) => name.replace("a-", `a-${pid}-`));
        expect(readdirSync(folder).sort()).toEqual([...asides, names[0] ?? ""].sort());
        expect(text(names[0] ?? "")).toBe("theirs");
        expect(asides.map(text)).toEqual(names);
    });

    it("in several files replaces none where one cannot be replaced", async () => {
        const files = ["a-00001-of-00002.gguf", "a-00002-of-00002.gguf"].map(part);
        mkdirSync(files[0]?.path ?? "");
        writeFileSync(files[1]?.path ?? "", "old");
        await expect(nameResults(files, true)).rejects.toThrow("cannot be written to any more");
        expect(text("a-00002-of-00002.gguf")).toBe("old");
        expect(text(`a-${pid}-00001-of-00002.gguf`)).toBe("a-00001-of-00002.gguf");
    });
});
