/** Models: the view, a conversion and a quantization by command, use for completions, and files that cannot be used. */

import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commands, workspace } from "vscode";
import type { Row } from "../../../src/host/models/rows";
import { readGgufFile } from "../../../src/library/ggufFile";
import type { ImatrixResult } from "../../../src/protocol/lab";
import type { ConvertResult } from "../../../src/protocol/worker";
import { labText } from "../../support/labText";
import {
    api,
    closeEditors,
    openAt,
    requestCompletion,
    setSetting,
    STARTER_FOLDER,
    until,
    withFolder,
} from "./support";

const flat = (rows: readonly Row[]): Row[] =>
    rows.flatMap((row) => [row, ...flat(row.children ?? [])]);
const convert = (given: object) =>
    commands.executeCommand<ConvertResult | undefined>("ingot.convertModel", given);

describe("models", () => {
    afterEach(async () => {
        await setSetting("completion.model", undefined);
        await closeEditors();
    });

    it("lists what serves completions and chat, and the starter in the library", async () => {
        const { modelRows } = await api();
        const rows = flat(await modelRows());
        const byId = (id: string) => rows.find((row) => row.id === id);
        assert.match(byId("role.completion")?.target ?? "", /starter-q8_0\.gguf$/);
        assert.equal(byId("role.chat")?.target, byId("role.completion")?.target);
        const starter = rows.filter((row) => row.context === "model.starter");
        assert.equal(starter.length, 1);
        assert.match(starter[0]?.description ?? "", /Q8_0, [\d.]+ MB, serves completions and chat/);
    });

    it("converts a folder by command, and the file serves completions at once", async () => {
        await withFolder(async (folder) => {
            const out = join(folder, "made-Q4_K_M.gguf");
            const result = await convert({ source: STARTER_FOLDER, type: "Q4_K_M", out });
            const bytes = readFileSync(out);
            assert.equal(result?.file, out);
            assert.equal(result.bytes, bytes.length);
            assert.equal(result.sha256, createHash("sha256").update(bytes).digest("hex"));
            assert.deepEqual(readdirSync(folder), ["made-Q4_K_M.gguf"]);

            const { modelRows, engineStatus } = await api();
            const jobs = flat(await modelRows()).filter((row) => row.context === "job.done");
            assert.ok(jobs.some((row) => row.tooltip === out));

            await commands.executeCommand("ingot.useForCompletions", { path: out });
            assert.equal(workspace.getConfiguration("ingot").get("completion.model"), out);
            await openAt("export function add(a: number, b: number) {\n    return |", "typescript");
            const { outcome } = await requestCompletion();
            assert.ok(outcome.kind === "suggestion" || outcome.tokens, JSON.stringify(outcome));
            const status = await engineStatus();
            const served = status?.models.find((model) => model.roles.includes("completion"));
            assert.equal(served?.path, out);
            assert.match(served.fileType, /Q4_K/);
            await setSetting("completion.model", undefined);
            await until("the model to be let go", async () =>
                (await engineStatus())?.models.every((model) => model.path !== out),
            );
        });
    });

    it("makes an importance matrix, and quantizes to a type that needs one with it, not without", async () => {
        await withFolder(async (folder) => {
            const { modelRows } = await api();
            const starter = flat(await modelRows()).find((row) => row.context === "model.starter");
            assert.ok(starter?.target);
            const text = join(folder, "code.txt");
            writeFileSync(text, labText());
            const imatrix = join(folder, "starter.imatrix.gguf");
            const made = await commands.executeCommand<ImatrixResult | undefined>(
                "ingot.makeImatrix",
                { path: starter.target, text: [text], chunks: 2, out: imatrix },
            );
            assert.equal(made?.nChunks, 2);
            const jobs = flat(await modelRows()).filter((row) => row.context === "job.done");
            assert.ok(jobs.some((row) => row.tooltip === imatrix));
            const given = { path: starter.target, type: "Q2_K_S" };
            const quantize = (more: object) =>
                commands.executeCommand<ConvertResult | undefined>("ingot.quantizeModel", {
                    ...given,
                    ...more,
                });
            assert.equal(await quantize({ out: join(folder, "without.gguf") }), undefined);
            const out = join(folder, "with.gguf");
            const result = await quantize({ out, imatrix });
            assert.equal(result?.file, out);
            const files = ["code.txt", "starter.imatrix.gguf", "with.gguf"];
            assert.deepEqual(readdirSync(folder).sort(), files);
            const { metadata } = await readGgufFile(out);
            assert.equal(metadata.get("quantize.imatrix.file")?.value, "starter.imatrix.gguf");
            assert.equal(metadata.get("quantize.imatrix.dataset")?.value, "code.txt");
        });
    });

    it("converts an architecture without rules with the family that is given", async () => {
        await withFolder(async (folder) => {
            const source = join(folder, "unknown");
            cpSync(STARTER_FOLDER, source, { recursive: true });
            const path = join(source, "config.json");
            const config = JSON.parse(readFileSync(path, "utf8")) as object;
            writeFileSync(path, JSON.stringify({ ...config, architectures: ["FooForCausalLM"] }));
            const out = join(folder, "made-Q8_0.gguf");
            const result = await convert({ source, type: "Q8_0", out, family: "qwen2" });
            assert.equal(result?.file, out);
            assert.match(result.warnings.join(), /qwen2 was chosen by hand for FooForCausalLM/);
        });
    });

    it("leaves nothing behind when a folder is not a checkpoint", async () => {
        await withFolder(async (folder) => {
            const out = join(folder, "none.gguf");
            const result = await convert({ source: folder, type: "Q4_K_M", out });
            assert.equal(result, undefined);
            assert.deepEqual(readdirSync(folder), []);
            const report = await commands.executeCommand<string>("ingot.report");
            assert.match(report, /code=data\/checkpoint|code=user\/usage/);
        });
    });

    it("says what is wrong with a file that is no model, and goes on after it is changed back", async () => {
        await withFolder(async (folder) => {
            const path = join(folder, "bad.gguf");
            writeFileSync(path, "this is not a model");
            const { status } = await api();
            await commands.executeCommand("ingot.useForCompletions", { path });
            await until("the problem in the status", () => status()?.severity === "warning");
            await openAt("const a = |", "typescript");
            const { outcome } = await requestCompletion();
            assert.equal(outcome.kind, "none");
            const why = await commands.executeCommand<string>("ingot.whyNoSuggestion");
            assert.match(why, /<h1>[^<]{20,}<\/h1>/);
            await setSetting("completion.model", undefined);
            await until("the problem to be gone", () => status()?.severity === "information");
            await openAt("const b = |", "typescript");
            const after = await requestCompletion();
            assert.ok(after.outcome.kind === "suggestion" || after.outcome.tokens);
        });
    });
});
