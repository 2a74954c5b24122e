// The GGUF inspector as a person meets it: opened from the palette and as a file of the workspace, by mouse and by keyboard.
import assert from "node:assert/strict";
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

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
            // VS Code's dialog takes a path and an answer only when it has looked up the folder that it shows.
            await workbench.rows.first().waitFor();
            await workbench.quickInputBox.fill(copy);
            await workbench.rows.filter({ hasText: "tools" }).first().waitFor();
            await workbench.press("Enter");
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
];
