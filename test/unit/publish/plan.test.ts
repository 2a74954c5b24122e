// What would be published: names, licences, the card; and that nothing is sent for it.
import { statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseModelCard } from "../../../src/foundry/frontMatter";
import { proposedName } from "../../../src/foundry/publish/repo";
import type { MeasuredRow } from "../../../src/protocol/publish";
import type { TinyOptions } from "../../support/tinyGguf";
import { failure } from "../hub/fixture";
import { CARD, ME, REPO, startFixture, writes, type Fixture } from "./fixture";

let fixture: Fixture;

beforeEach(async () => {
    fixture = await startFixture();
});
afterEach(() => fixture.close());

const text = (value: string) => ({ type: "string", value }) as const;
const NO_LICENSE = { "general.license": undefined };

describe("the place", () => {
    it("is proposed from the base model, for the token's account, and nothing is sent", async () => {
        const { hub, plan, model } = fixture;
        const result = await plan({ files: [model("tiny-Q8_0.gguf")] });
        expect(result).toMatchObject({
            repo: REPO,
            account: ME,
            exists: false,
            private: false,
            hasCard: false,
            license: "apache-2.0",
            url: `${hub.url}/${REPO}`,
            notes: [],
        });
        expect(result.files).toMatchObject([{ path: "tiny-Q8_0.gguf", type: "Q8_0" }]);
        expect(writes(hub)).toEqual([]);
    });

    it("that exists is named with what is replaced in it", async () => {
        const { plan, run, model } = fixture;
        const files = [model("tiny-Q8_0.gguf")];
        await run({ files });
        const result = await plan({ files, pullRequest: true });
        expect(result).toMatchObject({ exists: true, hasCard: true, pullRequest: true });
        expect(result.files).toMatchObject([{ path: "tiny-Q8_0.gguf", isThere: true }]);
        const error = await failure(plan({ files, private: true }));
        expect(error.message).toContain("is there already and public, not private");
    });

    it("is none for an importance matrix, which has no licence either", async () => {
        const { plan, model } = fixture;
        const keys = { ...NO_LICENSE, "general.type": text("imatrix") };
        const error = await failure(plan({ files: [model("a.gguf"), model("m.gguf", keys)] }));
        expect(error.code).toBe("user/usage");
        expect(error.message).toContain("m.gguf is an importance matrix and no model");
    });

    it("is none for a file that was cut off", async () => {
        const { plan, model } = fixture;
        const path = model("tiny-Q8_0.gguf");
        truncateSync(path, statSync(path).size - 40);
        const error = await failure(plan({ files: [path] }));
        expect([error.code, error.message]).toEqual([
            "data/gguf",
            expect.stringMatching(/tiny-Q8_0\.gguf.*ends inside the data of .* are missing/),
        ]);
    });

    it("without a repository there is no pull request", async () => {
        const { plan, model } = fixture;
        const error = await failure(plan({ files: [model("a.gguf")], pullRequest: true }));
        expect(error.message).toContain("to open a pull request in");
    });

    it.each([
        ["Qwen2.5-Coder-0.5B", "Qwen2.5-Coder-0.5B-GGUF"],
        ["Tiny Coder", "Tiny-Coder-GGUF"],
        ["x-GGUF", "x-GGUF"],
        ["../..", "model-GGUF"],
        ["Größe: 7B", "Gr-e-7B-GGUF"],
    ])("%s becomes %s", (model, name) => expect(proposedName(model)).toBe(name));

    it("refuses two files of one name, and what is no GGUF file", async () => {
        const { plan, model, folder } = fixture;
        const file = model("a.gguf");
        expect((await failure(plan({ files: [file, file] }))).message).toContain("called a.gguf");
        const other = join(folder, "b.gguf");
        writeFileSync(other, "no model");
        expect((await failure(plan({ files: [other] }))).code).toBe("data/gguf");
    });
});

describe("the licence", () => {
    it.each<[TinyOptions["keys"], Record<string, string>, string]>([
        [NO_LICENSE, {}, "does not say under which licence"],
        [NO_LICENSE, { license: "My own words" }, "is not a licence as the Hub spells them"],
        [{ "general.license": text("other") }, {}, "only said to be other"],
        [NO_LICENSE, { license: "other" }, "only said to be other"],
        [NO_LICENSE, { license: "other", licenseName: "x", licenseLink: "ftp://x" }, "no address"],
        [{ "general.license": text("unknown") }, {}, "not known"],
        [{}, { license: "mit" }, "says that its licence is apache-2.0, not mit"],
    ])("refuses %j with %j", async (keys, choice, message) => {
        const { hub, plan, model } = fixture;
        const error = await failure(plan({ files: [model("a.gguf", keys)], ...choice }));
        expect(error.code).toBe("user/license");
        expect(error.message).toContain(message);
        expect(hub.requests).toEqual([]);
    });

    it.each<[TinyOptions["keys"], Record<string, string>, string]>([
        [{}, {}, "apache-2.0"],
        [{ "general.license": text("Apache-2.0") }, {}, "apache-2.0"],
        [NO_LICENSE, { license: "mit" }, "mit"],
        [{ "general.license": text("other") }, { license: "llama3.1" }, "llama3.1"],
        [{ "general.license": text("Some Licence, v1") }, { license: "mit" }, "mit"],
    ])("takes %j with %j as %s", async (keys, choice, id) => {
        const { plan, model } = fixture;
        const { license, card } = await plan({ files: [model("a.gguf", keys)], ...choice });
        expect([license, parseModelCard(card).get("license")]).toEqual([id, id]);
    });

    it("other needs a name and a link, and both go into the card", async () => {
        const keys = {
            "general.license": text("other"),
            "general.license.name": text("tiny research"),
            "general.license.link": text("https://example.org/LICENSE (1)"),
        };
        const { plan, model } = fixture;
        const card = parseModelCard((await plan({ files: [model("a.gguf", keys)] })).card);
        expect(card.get("license_name")).toBe("tiny research");
        expect(card.get("license_link")).toBe("https://example.org/LICENSE%20(1)");
    });

    it("of two files must be one", async () => {
        const { plan, model } = fixture;
        const files = [model("a.gguf"), model("b.gguf", { "general.license": text("mit") })];
        expect((await failure(plan({ files }))).message).toContain("into two repositories");
    });

    it("of a card that contradicts the files is refused before anything goes", async () => {
        const { run, hub, model } = fixture;
        const card = CARD.replace("apache-2.0", "gpl-3.0");
        const error = await failure(run({ files: [model("a.gguf")], card }));
        expect([error.code, error.message]).toEqual([
            "user/license",
            expect.stringContaining("a.gguf that its licence is apache-2.0"),
        ]);
        expect(writes(hub)).toEqual([]);
    });

    it.each([
        ["# no front matter", "names no licence"],
        ["---\nlicense: other\n---\n", "only said to be other"],
        ["---\nlicense: Something Else\n---\n", "as the Hub spells them"],
    ])("of a card %j that the person wrote", async (card, message) => {
        const { hub, run, model } = fixture;
        const error = await failure(run({ files: [model("a.gguf")], card }));
        expect(error.message).toContain(message);
        // Also in the editor, which has no options.
        expect(error.message).not.toContain("--");
        expect(writes(hub)).toEqual([]);
    });
});

describe("the card", () => {
    it("carries over where the model is from, and how to use it", async () => {
        const keys = {
            "general.base_model.count": { type: "uint32", value: 1 } as const,
            "general.base_model.0.name": text("Tiny Base"),
            "general.base_model.0.repo_url": text("https://huggingface.co/tiny/Base-0.1B"),
            "general.dataset.count": { type: "uint32", value: 1 } as const,
            "general.dataset.0.repo_url": text("https://huggingface.co/datasets/tiny/code"),
            "general.tags": { type: "array[string]", value: ["code", "text-generation"] } as const,
            "general.languages": { type: "array[string]", value: ["en", "no"] } as const,
            "quantize.imatrix.file": text("D:\\\\someone\\\\secret\\\\imatrix.gguf"),
        };
        const { plan, model } = fixture;
        const { card } = await plan({ files: [model("tiny-Q8_0.gguf", keys)] });
        expect(Object.fromEntries(parseModelCard(card))).toEqual({
            license: "apache-2.0",
            base_model: ["tiny/Coder-0.1B"],
            base_model_relation: "quantized",
            datasets: ["tiny/code"],
            language: ["en", "no"],
            library_name: "gguf",
            pipeline_tag: "text-generation",
            tags: ["gguf", "imatrix", "code"],
        });
        expect(card).toContain('- "no"');
        expect(card).toContain("# Tiny Coder GGUF\n");
        expect(card).toContain(`llama-cli -hf ${REPO}:Q8_0`);
        expect(card).toContain(`ingot models fetch ${REPO} --file tiny-Q8_0.gguf`);
        expect(card).toContain("made from [Tiny Base](https://huggingface.co/tiny/Base-0.1B)");
        expect(card).toMatch(/\| `tiny-Q8_0.gguf` \| Q8\\_0 \| \d+ KB \| \d+\.\d\d \|/);
        expect(card).toContain("importance matrix `imatrix.gguf`");
        expect(card).not.toContain("someone");
    });

    it("names importance matrix and error feedback, and the files when not all were made so", async () => {
        const list = (...value: string[]) => ({ type: "array[string]", value }) as const;
        const feedback = { "quantize.feedback.datasets": list("lib/someone/a.py", "b.py") };
        const { plan, model } = fixture;
        const all = await plan({ files: [model("a.gguf", feedback)] });
        expect(all.card).toContain(
            "- Quantized with error feedback, so that rounding errors make up for each other (text: `a.py`, `b.py`).\n",
        );
        const files = [
            model("plain.gguf"),
            model("f.gguf", { "quantize.feedback.datasets": list("1", "2", "3", "4", "`5") }),
            model("m.gguf", { "quantize.imatrix.file": text("i.gguf") }),
        ];
        const { card } = await plan({ files });
        expect(card).toContain("(text: `1`, `2`, `3` and 2 more): `f.gguf`.\n");
        expect(card).toContain("- Quantized with the importance matrix `i.gguf`: `m.gguf`.\n");
        expect(parseModelCard(card).get("tags")).toEqual(["gguf", "imatrix"]);
        expect(card).not.toContain("someone");
    });

    it("names no base that nobody told, and says so", async () => {
        const { plan, model } = fixture;
        const files = [model("a.gguf", { "general.source.repo_url": undefined })];
        const without = await plan({ files });
        expect(without.card).not.toContain("base_model");
        // Of the editor too, where there are no options.
        expect(without.notes.join()).toMatch(/name it in the card as base_model$/);
        expect(without).toMatchObject({ baseModels: [], isBaseOpen: true });
        expect(without.repo).toBe(`${ME}/Tiny-Coder-GGUF`);
        const stated = await plan({ files, baseModel: "tiny/Told" });
        expect(parseModelCard(stated.card).get("base_model")).toEqual(["tiny/Told"]);
        expect(stated).toMatchObject({ baseModels: ["tiny/Told"], isBaseOpen: false });
    });

    it("holds what was measured, and no column of which nothing is known", async () => {
        const { plan, model, folder } = fixture;
        const table = join(folder, "table.json");
        const rows: MeasuredRow[] = [
            {
                file: "/x/tiny-Q8_0.gguf",
                type: "Q8_0",
                ppl: 8.12345,
                pplError: 0.05,
                meanKl: 0.0012,
            },
            { file: "gone.gguf", type: "Q4_0", ppl: 9, sameTop: 0.93 },
        ];
        writeFileSync(table, JSON.stringify({ rows }));
        const other = { "general.file_type": { type: "uint32", value: 2 } as const };
        const files = [
            model("tiny-Q8_0.gguf"),
            model("renamed.gguf", other),
            model("c-Q6_K.gguf", { "general.file_type": { type: "uint32", value: 18 } }),
        ];
        const { card, notes } = await plan({ files, table });
        const [head = "", , first = "", second = "", third = ""] = card
            .slice(card.indexOf("| file"))
            .split("\n");
        expect(head).toBe(
            "| file | type | size | bits per weight | PPL | mean KL | same top token |",
        );
        expect(first).toContain("| 8.1235 ± 0.0500 | 0.00120 |  |");
        expect(second).toContain("| 9.0000 |  | 93.0 % |");
        expect(third).toMatch(/(\| {2}){3}\|$/);
        expect(notes.join()).toContain("measured with another size: c-Q6_K.gguf");
    });

    it("takes no figures of a file of another size", async () => {
        const { plan, model, folder } = fixture;
        const table = join(folder, "table.json");
        const path = model("tiny-Q8_0.gguf");
        const bytes = statSync(path).size;
        const measured = async (size: number) => {
            const rows = [{ file: "tiny-Q8_0.gguf", type: "Q8_0", bytes: size, ppl: 8.5 }];
            writeFileSync(table, JSON.stringify({ rows }));
            const { card, notes } = await plan({ files: [path], table });
            return [card.includes("8.5000"), notes.join().includes("another size")];
        };
        expect(await measured(bytes)).toEqual([true, false]);
        // With the path of an importance matrix more in its metadata.
        expect(await measured(bytes + 100)).toEqual([true, false]);
        expect(await measured(bytes + 10_000_000)).toEqual([false, true]);
    });

    it.each(["no json", "{}", '{"rows": 1}'])("refuses the table %j", async (content) => {
        const { plan, model, folder } = fixture;
        const table = join(folder, "table.json");
        writeFileSync(table, content);
        const error = await failure(plan({ files: [model("a.gguf")], table }));
        expect([error.code, error.message]).toEqual([
            "user/usage",
            expect.stringContaining("is no table of measurements"),
        ]);
    });

    it("takes hostile texts of a file as texts", async () => {
        const keys = {
            "general.name": text(
                'x\n---\nlicense: mit\n# <script>alert("1")</script> [a](b) | `c`',
            ),
            "general.tags": {
                type: "array[string]",
                value: ["a: b", "- c", "#", "'", "[", "null"],
            } as const,
            "general.url": text("javascript:alert(1)"),
            "general.source.doi": text("10.1/**x**"),
        };
        const { plan, model } = fixture;
        const { card } = await plan({ files: [model("a.gguf", keys)] });
        const front = parseModelCard(card);
        expect(front.get("license")).toBe("apache-2.0");
        expect(front.get("tags")).toEqual(["gguf", "a: b", "- c", "#", "'", "[", "null"]);
        expect(card.match(/^---$/gm)?.length).toBe(2);
        expect(card).not.toMatch(/[^\\]<script/);
        expect(card).not.toContain("javascript:");
        expect(card).toContain("DOI: 10.1/\\*\\*x\\*\\*");
    });

    it("is left as it is when the person wants that", async () => {
        const { hub, run, model } = fixture;
        await run({ files: [model("a.gguf")] });
        await run({ files: [model("b.gguf", {}, 3)], card: undefined });
        expect(Buffer.from(hub.published(REPO, "README.md") ?? []).toString()).toBe(CARD);
        expect(hub.commits[1]?.paths).toEqual(["b.gguf"]);
    });
});
