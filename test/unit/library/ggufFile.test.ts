/** Reading headers of local files: what is not there, no file, or changes while it is read. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readGgufFile } from "../../../src/library/ggufFile";
import { rejection } from "../../support/failure";
import { tinyGguf } from "../../support/tinyGguf";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "ingot-file-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("readGgufFile", () => {
    it("reads a header and knows the file's size", async () => {
        const path = join(folder, "tiny.gguf");
        writeFileSync(path, tinyGguf());
        const file = await readGgufFile(path);
        expect(file.sizeBytes).toBe(tinyGguf().length);
        expect(file.metadata.get("general.name")?.value).toBe("Tiny");
    });

    it.each([
        ["none.gguf", "There is no file"],
        ["tiny.gguf/below.gguf", "There is no file"],
        [".", "is not a file"],
    ])("refuses %s", async (name, sentence) => {
        const { code, message } = await rejection(readGgufFile(join(folder, name)));
        expect(code).toBe("user/no-model");
        expect(message).toContain(sentence);
    });

    it("says which of several files is no model", async () => {
        const path = join(folder, "text.gguf");
        writeFileSync(path, "some text, longer than the smallest header");
        const { code, message } = await rejection(readGgufFile(path));
        expect(code).toBe("data/gguf");
        expect(message).toMatch(
            /^The file text\.gguf is not a usable GGUF model: it does not begin with/,
        );
    });

    it.skipIf(process.platform === "win32")(
        "refuses a pipe at once instead of waiting for a writer",
        async () => {
            const path = join(folder, "pipe.gguf");
            execFileSync("mkfifo", [path]);
            expect((await rejection(readGgufFile(path))).message).toBe(
                `${path} is not a file; choose a GGUF file`,
            );
        },
    );
});
