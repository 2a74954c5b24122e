// Pages about GGUF files as a person meets them, by mouse and by keyboard: the inspector, opened from the palette and as a file of the
// workspace, and the comparison of types that are made for it.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { descendants } from "../../scripts/vscode/server.mjs";
import { chooseToCompare } from "./flows.mjs";

/** As a run of another computer left it: what is shown of it is known to the digit. */
const EARLIER = {
    ingotComparison: 1,
    model: "tea-coder",
    nParameters: 500e6,
    startedAt: "2026-11-20T10:00:00.000Z",
    state: "done",
    machine: { cpu: "Test CPU, 2 cores", ramBytes: 16e9, contextTokens: 8192 },
    text: { label: "3 files of tea-shop", bytes: 50_000, nChunks: 8, contextTokens: 512 },
    rows: [
        { ...row("F16", 1000), isReference: true, isKept: true, ppl: 10, pplError: 0.1 },
        { ...row("Q4_K_M", 340), ppl: 10.3, meanKl: 0.041, kl99: 0.4, sameTop: 0.91 },
        { ...row("Q3_K_M", 300), ppl: 11.9, meanKl: 0.2, kl99: 0.9, sameTop: 0.8 },
    ],
};

/** @param {string} type @param {number} mb */
function row(type, mb) {
    const file = `coder-${type}.gguf`;
    return { file, type, label: type, bytes: mb * 1e6, bitsPerWeight: (mb * 8) / 500 };
}

/** Folders of types that a worker of this server makes only to measure them. @param {import("../../scripts/vscode/server.mjs").Server} server */
function comparisonFolders(server) {
    const workers = descendants(server, "dist/worker.mjs");
    return readdirSync(tmpdir()).filter((name) =>
        workers.some((pid) => name.startsWith(`ingot-compare-${pid}-`)),
    );
}

/** @type {import("../../scripts/vscode/ui.mjs").UiTest[]} */
export const tests = [
    {
        name: "a GGUF file opens in the inspector: facts, keys, tokens, template, tensors; broken ones say why",
        async run({ workbench, newFile, root }) {
            await workbench.runCommand("Ingot: Inspect GGUF...");
            await workbench.waitForQuickInput("Inspect a GGUF File");
            await workbench.pickRow("starter");
            const page = await workbench.pageWith("p.summary", /parameters/);
            const summary = (await page.locator("p.summary").textContent()) ?? "";
            assert.match(summary, /^qwen2 .* Q8_0 .* bits per weight$/);
            await page.getByRole("rowheader", { name: "Q8_0" }).waitFor();

            const tab = (/** @type {string} */ name) => page.getByRole("tab", { name });
            const rows = (/** @type {string} */ name) =>
                page.getByRole("grid", { name }).locator(".rows .row");
            await tab("Metadata").click();
            await page.getByRole("searchbox").first().fill("ggml.tokens");
            // The rows from before the search go when its own come.
            const isFound = page.getByText(/^1 of \d+ keys$/);
            await isFound.waitFor();
            const key = rows("Metadata").filter({ hasText: "tokenizer.ggml.tokens" });
            await key.click();
            await page.getByRole("heading", { name: "tokenizer.ggml.tokens" }).waitFor();
            const value = page.getByLabel("Value of tokenizer.ggml.tokens");
            const first = (await value.textContent()) ?? "";
            await page.getByRole("button", { name: "Next Values" }).click();
            await workbench.poll(
                async () => (await value.textContent()) ?? "",
                (text) => text !== first,
            );
            assert.match((await value.textContent()) ?? "", /^100: /);

            // From tab to tab, and in the table, by keyboard.
            await tab("Metadata").focus();
            await workbench.press("ArrowRight");
            await rows("Tokens").first().waitFor();
            await workbench.press("ArrowRight");
            await page.getByText("Sample chat, as the model sees it").waitFor();
            const rendered = page.getByLabel("Rendered prompt");
            assert.match((await rendered.textContent()) ?? "", /sum\(\[1, 2, 3\]\)/);
            await workbench.press("ArrowRight");
            await rows("Tensors").first().waitFor();
            await page.getByRole("button", { name: "Size" }).click();
            const grid = page.getByRole("grid", { name: "Tensors" });
            await grid.focus();
            await workbench.press("ArrowDown");
            const chosen = grid.locator(".row.chosen .cell").first();
            const name = (await chosen.textContent()) ?? "";
            assert.match(name, /token_embd|output/);
            await page.getByRole("heading", { name }).waitFor();

            // What is in the tensor: values, a block of it; what the model needs.
            await page.getByRole("button", { name: "Values", exact: true }).click();
            await page.getByRole("img", { name: /^Histogram from/ }).waitFor();
            await page.getByRole("button", { name: "Block", exact: true }).click();
            await page.getByLabel("Values of the block").waitFor();
            assert.match((await page.getByLabel("Bytes of the block").textContent()) ?? "", /qs: /);

            // The methods, of a tensor that was not quantized: with an importance matrix only when one is chosen.
            await tab("Tensors").click();
            await page.getByRole("searchbox").first().fill("output_norm");
            await page.getByText(/^1 of \d+ tensors$/).waitFor();
            await rows("Tensors").filter({ hasText: "output_norm" }).click();
            await page.getByRole("button", { name: "Compare Methods" }).click();
            await page.getByRole("rowheader", { name: "Codebook of 16" }).waitFor();
            await page.getByText("Importance matrix: none").waitFor();
            await page.getByRole("button", { name: "Use an Importance Matrix..." }).click();
            await workbench.waitForQuickInput("Importance Matrix for");
            await workbench.waitForRow(/Make an Importance Matrix/);
            await workbench.press("Escape");
            await tab("Memory").click();
            await page.getByRole("rowheader", { name: /and the output$/ }).waitFor();

            // A copy with another name in it; the original stays.
            await tab("Metadata").click();
            await page.getByRole("searchbox").first().fill("");
            await page.getByText(/^\d+ keys$/).waitFor();
            await page.getByRole("searchbox").first().fill("general.name");
            await isFound.waitFor();
            await rows("Metadata").filter({ hasText: "general.name" }).click();
            await page.getByRole("button", { name: "Change", exact: true }).click();
            await page.getByRole("textbox", { name: "Value" }).fill("Renamed Model");
            await page.getByRole("button", { name: "Change", exact: true }).click();
            await page.getByRole("button", { name: "Save Copy..." }).click();
            await workbench.waitForQuickInput("Save a Copy");
            const copy = newFile("copy.gguf").path;
            unlinkSync(copy);
            await workbench.fillFileDialog(copy);
            await workbench.waitForToast(/copy-\d\.gguf was written/);
            const written = readFileSync(copy);
            const start = join(root, "models", "starter", "starter-q8_0.gguf");
            const valid = readFileSync(start);
            assert.ok(written.includes("Renamed Model") && !valid.includes("Renamed Model"));
            assert.ok(written.subarray(-4096).equals(valid.subarray(-4096)));

            // The smallest lies: no length, a length beyond everything, cut.
            const broken = {
                magic: Buffer.from("GGML, this is not a model"),
                keys: Buffer.from(valid.subarray(0, 4096)).fill(0xff, 16, 24),
                cut: valid.subarray(0, 60_000),
            };
            const says = {
                magic: /does not begin with the letters GGUF/,
                keys: /it declares .* metadata keys/,
                cut: /it ends inside/,
            };
            for (const kind of /** @type {const} */ (["magic", "keys", "cut"])) {
                const { name: file, path } = newFile(`${kind}.gguf`);
                writeFileSync(path, broken[kind]);
                await workbench.showFile(file);
                const refused = await workbench.pageWith("p.problem", says[kind]);
                await refused.getByRole("button", { name: "Try Again" }).waitFor();
            }
            await workbench.closeEditors();
        },
    },
    {
        name: "types are compared: rows come and a stop leaves nothing; a record has picture, advice, sorted rows and a saved file",
        async run({ workbench, server, newFile, root }) {
            // Enough text to be still at it when the page is there.
            const code = readFileSync(join(root, "src", "protocol", "channel.ts"), "utf8");
            writeFileSync(newFile("measured.ts").path, code.repeat(12));
            const types = ["Q4_K_M", "Q3_K_M"];
            await chooseToCompare(workbench, { model: "starter", types, text: "Thorough" });
            const running = await workbench.pageWith("h1", /^starter.*: quantizations compared$/);
            const names = (/** @type {import("playwright-core").FrameLocator} */ page) =>
                page.locator("tbody tr .name").allInnerTexts();
            let folders = /** @type {string[]} */ ([]);
            await workbench.poll(
                async () => (folders = comparisonFolders(server)).join(),
                (found) => found !== "",
            );
            assert.equal(folders.length, 1);
            await running.locator("tbody tr").nth(2).waitFor();
            assert.deepEqual(await names(running), ["Q8_0", ...types]);
            const stop = running.getByRole("button", { name: "Stop" });
            await stop.click();
            await stop.waitFor({ state: "hidden" });
            await running.getByText("Nothing is recommended: it was stopped before").waitFor();
            assert.deepEqual(
                folders.filter((name) => existsSync(join(tmpdir(), name))),
                [],
            );
            await workbench.closeEditors();

            // An earlier one, in a file of the workspace.
            const { name: record, path } = newFile("earlier.comparison.json");
            writeFileSync(path, JSON.stringify(EARLIER));
            await workbench.showFile(record);
            const page = await workbench.pageWith("h1", /^tea-coder: quantizations compared$/);
            const picture = page.getByRole("img", { name: /^Mean KL divergence .* of tea-coder/ });
            assert.equal(await picture.locator("[data-file]").count(), types.length);
            const advice = await page.getByRole("region", { name: "Recommendation" }).innerText();
            assert.match(advice, /^Use Q4_K_M on this computer: .* mean KL of 0.041 /);
            const row = page.getByRole("row").filter({ hasText: "Q3_K_M" });
            assert.match(await row.innerText(), /300 MB\s+4.80\s.*0.2\s+0.9\s+80.0 %/s);

            // The smaller first, then the larger; the row that is reached is the marked point.
            const size = page.getByRole("button", { name: "Size" });
            await size.press("Enter");
            assert.deepEqual(await names(page), ["Q3_K_M", "Q4_K_M", "F16"]);
            await size.press("Enter");
            assert.deepEqual(await names(page), ["F16", "Q4_K_M", "Q3_K_M"]);
            await page.locator('tbody tr[tabindex="0"]').press("End");
            const file = await page.locator("tbody tr:focus").getAttribute("data-file");
            assert.equal(file, "coder-Q3_K_M.gguf");
            assert.equal(await picture.locator(".marked").getAttribute("data-file"), file);

            await page.getByRole("button", { name: "Save table and method as Markdown" }).click();
            await workbench.waitForQuickInput("Save the Comparison");
            const saved = newFile("compared.md").path;
            unlinkSync(saved);
            await workbench.fillFileDialog(saved);
            await page.getByText(`Saved as ${saved}`).waitFor({ state: "attached" });
            const lines = readFileSync(saved, "utf8").split("\n");
            for (const type of ["F16 (reference)", ...types])
                assert.equal(lines.filter((line) => line.startsWith(`| ${type} |`)).length, 1);
            await workbench.closeEditors();
        },
    },
];
