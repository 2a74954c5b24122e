/** What the inspector says of a model: facts, keys, tokens, templates and tensors by page, and how little of the file it reads for them. */

import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { counted, findFiles, localFiles } from "../../../src/lab/inspect/files";
import { keyPage, keyValue } from "../../../src/lab/inspect/keys";
import { InspectedModel } from "../../../src/lab/inspect/model";
import { overviewOf } from "../../../src/lab/inspect/overview";
import { TensorTable } from "../../../src/lab/inspect/tensors";
import { viewTemplate } from "../../../src/lab/inspect/templates";
import { tokenPage } from "../../../src/lab/inspect/vocabulary";
import { temporaryFolder } from "../../support/temporaryFolder";
import { tinyGguf, tinyParts, type TinyOptions } from "../../support/tinyGguf";
import { ranges, REPO, startFixture } from "../hub/fixture";
import { filesOf, lookThrough, openBytes, quietLog } from "./inspected";

const folder = temporaryFolder("inspector");
const ALL = { from: 0, count: 100, filter: "" };
const tiny = (options?: TinyOptions) => openBytes(tinyGguf(options));
const text = (value: string) => ({ type: "string", value }) as const;

describe("the overview", () => {
    it("says what the model is", async () => {
        const model = await tiny({ keys: { "general.license": text("apache-2.0") } });
        const { title, summary, facts, types, problem } = overviewOf(model);
        expect(title).toBe("Tiny");
        expect(problem).toBeUndefined();
        expect(summary).toMatch(/^llama · 8K parameters · Q8_0 · .+ · 8\.\d\d bits per weight$/);
        const values = Object.fromEntries(facts.map(({ label, value }) => [label, value]));
        expect(values).toMatchObject({
            Architecture: "llama",
            Licence: "apache-2.0",
            "Context length": "128 tokens",
            Layers: "1",
            "Attention heads": "4",
        });
        expect(types.map(({ type, nTensors }) => [type, nTensors])).toEqual([
            ["Q8_0", 6],
            ["F16", 1],
            ["F32", 2],
        ]);
        expect(types[0]?.bitsPerWeight).toBe(8.5);
    });

    it("shows a file that the engine refuses, with the reason", async () => {
        const model = await tiny({ keys: { "llama.block_count": { type: "uint32", value: 900 } } });
        const { overview, tensors } = await lookThrough(model);
        expect(overview.problem).toMatch(/llama\.block_count = 900/);
        expect(tensors.total).toBe(9);
    });

    it("shows a cut file, with the reason", async () => {
        const bytes = tinyGguf();
        const model = await openBytes(bytes.subarray(0, bytes.length - 1000));
        expect(overviewOf(model).problem).toMatch(/ends inside its tensor data; download it again/);
    });

    it("is of all parts of a split model", async () => {
        const [first, second] = tinyParts(2);
        const one = "m-00001-of-00002.gguf";
        const two = "m-00002-of-00002.gguf";
        const model = await InspectedModel.open(filesOf({ [one]: first!, [two]: second! }));
        const { overview, tensors } = await lookThrough(model);
        expect(overview.problem).toBeUndefined();
        expect(overview.files.map(({ name, nTensors }) => [name, nTensors])).toEqual([
            [one, 5],
            [two, 4],
        ]);
        expect(tensors.rows.filter(({ part }) => part === 1)).toHaveLength(4);
        // One that is missing is said; what is there is shown.
        const alone = await InspectedModel.open(filesOf({ [one]: first! }));
        expect(overviewOf(alone)).toMatchObject({ nTensors: 5 });
        expect(alone.problem).toMatch(/m-00002-of-00002\.gguf is missing/);
        const later = await InspectedModel.open(filesOf({ [two]: second!, [one]: first! }));
        expect(later.problem).toMatch(/is part 2 of a model in 2 files; open the first/);
    });

    it("reads a header and nothing else of a file of 40 GB", async () => {
        const path = join(folder(), "large.gguf");
        const header = largeHeader();
        const file = await open(path, "w");
        await file.write(header);
        await file.truncate(header.length + LARGE_BYTES);
        await file.close();
        const files = counted(localFiles(path));
        const model = await InspectedModel.open(files);
        const { overview, tensors } = await lookThrough(model);
        expect(model.sizeBytes).toBeGreaterThan(40e9);
        expect(tensors.rows[0]).toMatchObject({ name: "token_embd.weight", bytes: LARGE_BYTES });
        // One chunk: nothing of the data was asked for, whatever was looked at.
        expect(files.nBytes).toBe(1 << 20);
        expect(overview.readBytes).toBe(1 << 20);
    });
});

describe("a file of the Hub", () => {
    it("is fetched by ranges, no more than the beginning of each part", async () => {
        const tensors = [{ name: "token_embd.weight", shape: [32, 50_000], type: "F32" }] as const;
        const split = (no: number): TinyOptions["keys"] => ({
            "split.no": { type: "uint16", value: no },
            "split.count": { type: "uint16", value: 2 },
            "split.tensors.count": { type: "int32", value: 2 },
        });
        const second = [{ ...tensors[0], name: "output.weight" }];
        const fixture = await startFixture({
            files: {
                "q4/m-00001-of-00002.gguf": tinyGguf({ tensors, keys: split(0) }),
                "q4/m-00002-of-00002.gguf": tinyGguf({ tensors: second, keys: split(1) }),
                "m-00001-of-00002.gguf": "another folder",
            },
        });
        try {
            const { hub } = fixture;
            const file = "q4/m-00001-of-00002.gguf";
            const place = { kind: "hub", repo: REPO, file, endpoint: hub.url } as const;
            const { signal } = new AbortController();
            const cacheFolder = join(folder(), "no cache");
            const files = await findFiles(place, { log: quietLog, signal, cacheFolder });
            const model = await InspectedModel.open(files);
            expect(model.where).toBe(`${REPO}/${file}`);
            expect(model.tensors.map(({ name, part }) => [name, part])).toEqual([
                ["token_embd.weight", 0],
                ["output.weight", 1],
            ]);
            expect(ranges(hub)).toEqual(["bytes=0-1048575", "bytes=0-1048575"]);
            await model.close();
            const other = await findFiles(
                { ...place, file: "none.gguf" },
                { log: quietLog, signal, cacheFolder },
            );
            await expect(InspectedModel.open(other)).rejects.toThrow(/has no file none\.gguf/);
        } finally {
            await fixture.close();
        }
    });
});

const LARGE_ROWS = 630_000_000;
const LARGE_BYTES = 32 * 2 * LARGE_ROWS;

/** The tiny header with one tensor of 40 GB: its row count written into the place of a small one's. */
function largeHeader(): Uint8Array {
    const bytes = tinyGguf({
        tensors: [{ name: "token_embd.weight", shape: [32, 4], type: "F16" }],
    });
    const view = new DataView(bytes.buffer);
    const name = Buffer.from(bytes).indexOf("token_embd.weight");
    // Name, number of dimensions, first dimension.
    const rows = name + "token_embd.weight".length + 4 + 8;
    view.setUint32(rows, LARGE_ROWS, true);
    return bytes.subarray(0, bytes.length - 32 * 4 * 2);
}

describe("metadata", () => {
    it("is found by name and by value, lists by their first values", async () => {
        const model = await tiny();
        const find = (filter: string) => keyPage(model, { ...ALL, filter }).rows.map((r) => r.key);
        expect(find("EPSILON")).toEqual(["llama.attention.layer_norm_rms_epsilon"]);
        expect(find("tiny")).toEqual(["general.name"]);
        expect(find("</s>")).toEqual(["tokenizer.ggml.tokens"]);
        expect(find("nowhere")).toEqual([]);
        expect(keyPage(model, { from: 2, count: 1, filter: "" })).toMatchObject({
            total: 17,
            rows: [{ key: "general.name", type: "string", preview: "Tiny" }],
        });
    });

    it("folds long lists and gives their values by page", async () => {
        const tokens = Array.from({ length: 1000 }, (_, i) => `t${i}`);
        const model = await tiny({ tokens });
        const key = "tokenizer.ggml.tokens";
        const row = keyPage(model, { ...ALL, filter: key }).rows[0];
        expect(row).toEqual({
            key,
            type: "array[string]",
            preview: '1,000 values: "t0", "t1", "t2", "t3", \u2026',
        });
        expect(keyValue(model, { key, from: 998, count: 50 }).list).toEqual({
            length: 1000,
            from: 998,
            values: ['"t998"', '"t999"'],
        });
        expect(() => keyValue(model, { key: "no.such", from: 0, count: 1 })).toThrow(/no key/);
    });
});

describe("tokens", () => {
    it("are found by text, number, kind and role", async () => {
        const kinds = { type: "array[int32]", value: [3, 3, 1, 6] } as const;
        const model = await tiny({
            tokens: ["<s>", "</s>", "a b\n", "<0x41>"],
            keys: { "tokenizer.ggml.token_type": kinds },
        });
        const find = (filter: string) => tokenPage(model, { ...ALL, filter }).rows.map((r) => r.id);
        expect(find("S>")).toEqual([0, 1]);
        expect(find("2")).toEqual([2]);
        expect(find("byte")).toEqual([3]);
        expect(find("end of sequence")).toEqual([1]);
        expect(tokenPage(model, ALL).rows[2]).toEqual({
            id: 2,
            text: "a\u2423b\u240a",
            kind: "normal",
            score: 0,
            role: undefined,
        });
    });
});

describe("a chat template", () => {
    const template = (value: string) => tiny({ keys: { "tokenizer.chat_template": text(value) } });
    const LINES = "{% for m in messages %}\n[{{ m.role }}] {{ m.content }}\n{% endfor %}";

    it("is rendered on a sample chat, with and without a system message", async () => {
        const model = await template(LINES);
        const view = viewTemplate(model, { name: "default", withSystem: true });
        expect(view.source).toBe(LINES);
        expect(view.rendered).toContain("[system] Answer in one sentence.");
        const without = viewTemplate(model, { name: "default", withSystem: false });
        expect(without.rendered).toMatch(/^\s*\[user\]/);
    });

    it("that is wrong says on which line", async () => {
        const model = await template("{{ bos_token }}\n{% if %}\nx{% endif %}");
        const view = viewTemplate(model, { name: "default", withSystem: true });
        expect(view.rendered).toBeUndefined();
        expect(view.line).toBe(2);
        expect(view.problem).toMatch(/\(line 2\)/);
    });

    it("may have names", async () => {
        const named = { "tokenizer.chat_template.tool_use": text("{{ 'tools' }}") };
        const model = await tiny({ keys: { "tokenizer.chat_template": text(LINES), ...named } });
        expect(overviewOf(model).templates).toEqual(["default", "tool_use"]);
        expect(viewTemplate(model, { name: "tool_use", withSystem: true }).rendered).toBe("tools");
        expect(() => viewTemplate(model, { name: "other", withSystem: true })).toThrow(/no chat/);
    });
});

describe("tensors", () => {
    it("are sorted by any column and found by name, type and shape", async () => {
        const table = new TensorTable(await tiny());
        const names = (
            sort: "place" | "name" | "bytes" | "bits",
            descending: boolean,
            filter = "",
        ) => table.page({ ...ALL, filter, sort, descending }).rows.map(({ name }) => name);
        expect(names("place", false)[0]).toBe("token_embd.weight");
        expect(names("place", true)[0]).toBe("output_norm.weight");
        expect(names("bytes", true)[0]).toMatch(/ffn/);
        expect(names("bits", true)[0]).toMatch(/norm/);
        expect(names("name", false, "f16")).toEqual(["token_embd.weight"]);
        expect(names("name", false, "64 x 32")).toEqual(["blk.0.ffn_down.weight"]);
        expect(names("name", false, "ATTN_K")).toEqual(["blk.0.attn_k.weight"]);
    });

    it("of layers come in the order of their numbers", async () => {
        const tensors = Array.from({ length: 12 }, (_, i) => ({
            name: `blk.${i}.ffn_up.weight`,
            shape: [32],
            type: "F32" as const,
        }));
        const table = new TensorTable(await tiny({ tensors }));
        const { rows } = table.page({ ...ALL, sort: "name", descending: false });
        expect(rows.map(({ name }) => Number(name.split(".")[1]))).toEqual([...Array(12).keys()]);
    });
});
