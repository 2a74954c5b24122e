// Scenes of the README that need nothing of VS Code's own Chat: completion, the Chat view, edits, the inspector, commit messages.
import { execFileSync } from "node:child_process";
import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { askChat, openChat } from "../../test/ui/flows.mjs";
import { commitAll } from "../vscode/workspace.mjs";
import { inThemes } from "./themes.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** With the model's loading, on a slow processor. */
const ANSWER_MS = 180_000;

/** @typedef {import("../../test/ui/workbench.mjs").Workbench} Workbench */

/** Wider than by default, so that code is readable. @param {Workbench} workbench @param {number} x */
async function widenSideBar(workbench, x) {
    const { page } = workbench;
    const box = await page.locator(".part.sidebar").boundingBox();
    if (!box) return;
    const edge = box.x + box.width;
    await page.mouse.move(edge, 400);
    await page.mouse.down();
    await page.mouse.move(x, 400, { steps: 5 });
    await page.mouse.up();
}

/** @param {Workbench} workbench @param {number} line */
async function goToLine(workbench, line) {
    await workbench.openQuickInput("Control+G");
    await workbench.quickInputBox.fill(`:${line}`);
    await workbench.press("Enter");
    await workbench.quickInput.waitFor({ state: "hidden" });
}

/** @type {import("./main.mjs").Scene[]} */
export const SCENES = [
    {
        name: "ghost-text",
        async play({ workbench, picture }) {
            await workbench.openFile("basket.ts");
            await goToLine(workbench, 41);
            await workbench.press("End");
            await workbench.type("\n\ncount(): number {\nlet n = 0;\nfor (const item of ");
            await workbench.waitForGhostText(ANSWER_MS);
            await picture("ghost-text");
        },
    },
    {
        name: "chat",
        async play(stage) {
            const { workbench } = stage;
            await workbench.openFile("basket.ts");
            await goToLine(workbench, 23);
            for (let i = 0; i < 9; i++) await workbench.press("Shift+ArrowDown");
            await openChat(workbench);
            // The question has room above its answer then.
            await workbench.page.getByRole("button", { name: "Models Section" }).click();
            await widenSideBar(workbench, 520);
            const { answer } = await askChat(
                workbench,
                "Rename best to lowest in the selected lines.",
            );
            await workbench.poll(
                async () => (await answer.getAttribute("data-state")) ?? "",
                (state) => state !== "streaming",
                ANSWER_MS,
            );
            await inThemes(stage, "chat");
            const apply = workbench.webview().getByRole("button", { name: "Apply" }).first();
            await apply.scrollIntoViewIfNeeded();
            await apply.click();
            await workbench.codeLens("Accept").waitFor();
            await inThemes(stage, "chat-apply");
        },
    },
    {
        name: "edit",
        async play(stage) {
            const { workbench } = stage;
            await workbench.openFile("basket.ts");
            await goToLine(workbench, 23);
            await workbench.press("Control+Alt+J");
            await workbench.waitForQuickInput("Edit lines");
            await workbench.quickInputBox.fill("Rename best to lowest");
            await workbench.press("Enter");
            await workbench.codeLens("Accept").waitFor({ timeout: ANSWER_MS });
            await inThemes(stage, "edit");
        },
    },
    {
        name: "inspector",
        async play(stage) {
            const { workbench } = stage;
            await workbench.openFile("basket.ts");
            await goToLine(workbench, 41);
            await workbench.press("End");
            await workbench.type("\n\ncount(): number {\nreturn this.");
            await workbench.waitForGhostText(ANSWER_MS);
            const page = await workbench.whyNoSuggestion(/./);
            const newest = page.locator("ol.requests > li").first();
            await newest.locator("summary").first().click();
            for (const part of ["Prompt:", "Answer:"])
                await newest.locator("summary").filter({ hasText: part }).first().click();
            await inThemes(stage, "inspector");
        },
    },
    {
        name: "gguf",
        async play(stage) {
            const { workbench } = stage;
            await workbench.runCommand("Ingot: Inspect GGUF...");
            await workbench.waitForQuickInput("Inspect");
            await workbench.quickInputBox.fill(stage.model);
            await workbench.pickRow("Inspect /");
            const page = await workbench.pageWith("h1", /./);
            await inThemes(stage, "gguf");
            await page.getByRole("tab", { name: "Chat Template" }).click();
            await page.getByText("Sample chat").first().waitFor();
            await stage.picture("gguf-template");
            await page.getByRole("tab", { name: "Memory" }).click();
            await page.getByRole("rowheader", { name: /and the output$/ }).waitFor();
            await stage.picture("gguf-memory");
            await page.getByRole("tab", { name: "Tensors" }).click();
            await page.getByRole("searchbox").last().fill("ffn_down");
            // The list of before the search must be gone: it would take the choice with it.
            await page.getByText(/^\d+ of \d+ tensors/).waitFor();
            const grid = page.getByRole("grid", { name: "Tensors" });
            await grid.getByRole("row").filter({ hasText: "blk.1.ffn_down" }).click();
            await page.getByRole("button", { name: "Block", exact: true }).click();
            await page.getByLabel("Values of the block").waitFor();
            await stage.picture("gguf-block");
            await page.getByRole("tab", { name: "Tensors" }).click();
            await page.getByRole("button", { name: "Values", exact: true }).click();
            await page.getByRole("img", { name: /^Histogram/ }).waitFor({ timeout: ANSWER_MS });
            await inThemes(stage, "gguf-values");
        },
    },
    {
        name: "compare",
        prepare(workspace) {
            // Without speeds: the pictures are taken while other work keeps the computer busy, which divergence does not notice.
            const texts = readdirSync(join(root, "src", "base")).flatMap((name) => [
                "--text",
                join("src", "base", name),
            ]);
            const model = join("models", "starter", "starter-q8_0.gguf");
            const types = "Q6_K,Q5_K_M,Q4_K_M,Q4_0,IQ4_XS,Q3_K_M,Q2_K";
            const record = join(workspace, "starter.comparison.json");
            const measures = ["--types", types, "--chunks", "8", "--no-speed", "--threads", "1"];
            const words = ["compare", model, ...texts, ...measures, "--out", record];
            execFileSync(process.execPath, ["dist/cli.mjs", ...words], { cwd: root });
        },
        async play(stage) {
            const { workbench } = stage;
            await workbench.showFile("starter.comparison.json");
            const page = await workbench.pageWith("h1", /^starter/);
            await workbench.runCommand("View: Toggle Primary Side Bar Visibility");
            await page.getByRole("button", { name: "Mean KL" }).click();
            await inThemes(stage, "compare");
        },
    },
    {
        name: "commit",
        prepare(workspace) {
            commitAll(workspace);
            const path = join(workspace, "src", "price.ts");
            appendFileSync(
                path,
                "\nexport function isFree(price: Price): boolean {\n    return price.cents === 0;\n}\n",
            );
        },
        async play(stage) {
            const { workbench } = stage;
            await workbench.openFile("price.ts");
            await workbench.press("Control+Shift+G");
            await widenSideBar(workbench, 480);
            const box = workbench.page.locator(".scm-editor .view-lines").first();
            await box.waitFor();
            await workbench.runCommand("Ingot: Write Commit Message");
            let before = "";
            await workbench.poll(
                async () => {
                    before = await box.innerText();
                    await workbench.page.waitForTimeout(4000);
                    return box.innerText();
                },
                (text) => text.trim().length > 3 && text === before,
                ANSWER_MS,
            );
            await inThemes(stage, "commit-message");
        },
    },
];
