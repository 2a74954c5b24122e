// What is forgotten of earlier windows: documents that are not to be completed, and prompts that show what may not be shown any more.
import { describe, expect, it, vi } from "vitest";
import type { KeptPrompt } from "../../../../src/protocol/completion";
import { forgetUnwanted } from "../../../../src/host/completion/unwanted";

vi.mock("vscode", () => ({
    Uri: {
        parse: (text: string) => ({ path: text.replace("file://", ""), toString: () => text }),
    },
}));

type Engine = Parameters<typeof forgetUnwanted>[0];
type Modes = Parameters<typeof forgetUnwanted>[1];

const prompt = (name: string, ...files: string[]): KeptPrompt => ({
    document: `file:///${name}`,
    languageId: "typescript",
    files: files.map((file) => `file:///${file}`),
});

function set(kept: KeptPrompt[], { hidden = [] as string[], kind = "running" } = {}) {
    const forgotten: string[][] = [];
    const asked: string[] = [];
    const engine = {
        state: { kind },
        request: async (method: string, params: { documents: string[] }) => {
            if (method === "prefill/kept") return kept;
            forgotten.push(params.documents);
            return undefined;
        },
    } as unknown as Engine;
    const modes = { for: () => ({ enabled: true, languages: {} }) } as unknown as Modes;
    const run = () =>
        forgetUnwanted(engine, modes, async (file) => {
            asked.push(file.path);
            return !hidden.includes(file.path);
        });
    return { forgotten, asked, run };
}

describe("forgetUnwanted", () => {
    it("forgets prompts that show a file which may not be shown any more, in memory and on disk", async () => {
        const kept = [
            prompt("a.ts", "gone.ts", "b.ts"),
            prompt("a.ts", "b.ts"),
            prompt("c.ts", "b.ts"),
            prompt("d.ts"),
        ];
        const { forgotten, asked, run } = set(kept, { hidden: ["/gone.ts"] });
        expect(await run()).toBe(1);
        expect(forgotten).toEqual([["file:///a.ts"]]);
        expect(asked.sort()).toEqual(["/b.ts", "/gone.ts"]);
    });

    it("forgets those of secret files", async () => {
        const { forgotten, run } = set([prompt(".env"), prompt("a.ts")]);
        await run();
        expect(forgotten).toEqual([["file:///.env"]]);
    });

    it("says that it has looked through when there is nothing to forget, and starts no engine", async () => {
        const { forgotten, run } = set([]);
        expect(await run()).toBe(0);
        expect(forgotten).toEqual([[]]);
        const stopped = set([prompt(".env")], { kind: "stopped" });
        expect(await stopped.run()).toBe(0);
        expect(stopped.forgotten).toEqual([]);
    });
});
