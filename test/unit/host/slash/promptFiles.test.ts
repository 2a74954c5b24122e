// Prompt files on the disk: a repository that somebody else wrote cannot have other files read through them.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Uri } from "vscode";
import { findPrompts, promptBlocks } from "../../../../src/host/slash/promptFiles";
import { world } from "../../../support/editorMock";
import { temporaryFolder } from "../../../support/temporaryFolder";

vi.mock("vscode", async () => (await import("../../../support/editorMock")).vscode);

const home = temporaryFolder("prompts");
beforeEach(() => {
    world.folder = join(home(), "p");
});

function write(path: string, text: string): string {
    const whole = join(home(), path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
    return whole;
}
const PROMPTS = "p/.github/prompts";

describe.skipIf(process.platform === "win32")("findPrompts", () => {
    it("reads no link out of the workspace, nor one to what is no prompt file", async () => {
        write(`${PROMPTS}/own.prompt.md`, "Mine");
        const links = {
            "outside.prompt.md": write("id_rsa", "never"),
            "other.prompt.md": write("other.prompt.md", "never"),
            "secret.prompt.md": write("p/.env", "KEY=never"),
            "shared.prompt.md": write("p/shared/shared.prompt.md", "Shared"),
            "gone.prompt.md": join(home(), "gone"),
        };
        for (const [name, to] of Object.entries(links))
            symlinkSync(to, join(home(), PROMPTS, name));
        const { prompts, problems } = await findPrompts();
        expect(prompts.map(({ file }) => [file.name, file.body])).toEqual([
            ["own", "Mine"],
            ["shared", "Shared"],
        ]);
        expect(problems).toHaveLength(4);
        expect(problems.join()).not.toContain("never");
        for (const name of ["outside", "other", "secret"])
            expect(problems.join("\n")).toContain(
                `The prompt file ${name}.prompt.md cannot be used: it is a link to what is no prompt file of this workspace`,
            );
    });

    it("follows no link of a prompt that leads out of the workspace", async () => {
        write("secrets/notes.md", "never");
        write("p/near.md", "near");
        symlinkSync(join(home(), "secrets"), join(home(), "p/docs"));
        write(
            `${PROMPTS}/a.prompt.md`,
            "See [n](../../near.md), [m](../../docs/notes.md), [o](../../../secrets/notes.md)",
        );
        const { prompts } = await findPrompts();
        const [found] = prompts;
        if (!found) throw new Error("no prompt");
        const read = async (uri: Uri) => {
            const lines = (await readFile(uri.fsPath, "utf8")).split("\n");
            return { uri, lines, version: "1" };
        };
        const place = { selection: undefined, file: undefined };
        const blocks = await promptBlocks(found, place, { files: { read }, maxCharacters: 5000 });
        expect(blocks.map(({ text }) => text)).toEqual(["File near.md:\n```\nnear\n```"]);
    });
});
