// Steps that UI tests, pictures and `npm start -- --check` take alike: converting a folder from the palette, publishing, one turn of the chat.

const CONVERT_LIMIT_MS = 60_000;
/** From nothing: the model may have to be loaded first. */
const ANSWER_LIMIT_MS = 60_000;

/**
 * `Ingot: Convert a Model...`, by keyboard: the folder typed, the type chosen; resolves when the result is announced.
 * @param {import("./workbench.mjs").Workbench} workbench @param {string} folder @param {string} type
 */
export async function convertFolder(workbench, folder, type) {
    await workbench.runCommand("Ingot: Convert a Model...");
    await workbench.waitForQuickInput("Source");
    await workbench.quickInputBox.fill(folder);
    await workbench.pickRow(`Convert ${folder}`);
    await workbench.waitForQuickInput("Type");
    await workbench.quickInputBox.fill(type);
    await workbench.pick(type);
    await workbench.waitForToast("is now", CONVERT_LIMIT_MS);
}

/**
 * `Ingot: Publish...` up to its page, on which nothing is pressed. The files do not say their licence or what they were made from.
 * @param {import("./workbench.mjs").Workbench} workbench
 * @param {{ files: string[], repo: string, way: string, token: string }} answers
 * @returns {Promise<import("playwright-core").FrameLocator>}
 */
export async function chooseToPublish(workbench, { files, repo, way, token }) {
    await workbench.runCommand("Ingot: Publish...");
    await workbench.waitForQuickInput("GGUF Files");
    for (const file of files) {
        await workbench.pickRow(file.replace(/\.gguf$/, ""));
    }
    await workbench.press("Enter");
    const hasLicense = workbench.quickInputTitle.filter({ hasText: "Licence" });
    await hasLicense.waitFor();
    await workbench.quickInputBox.fill("mit");
    await workbench.pick("mit");
    // Nobody has set a token.
    const toast = await workbench.waitForToast("needs a token");
    await toast.getByText("Set Token").click();
    await workbench.waitForQuickInput("Token for");
    await workbench.quickInputBox.fill(token);
    await workbench.press("Enter");
    // The files do not say what they were made from.
    await workbench.waitForQuickInput("Base Model");
    await workbench.quickInputBox.fill("tiny/Tea");
    await workbench.press("Enter");
    await workbench.waitForQuickInput("Repository");
    await workbench.quickInputBox.fill(repo);
    await workbench.press("Enter");
    await workbench.waitForQuickInput("Who Sees");
    await workbench.pickRow(way);
    const page = await workbench.pageWith("h1", new RegExp(repo));
    await workbench.page.locator('.tab[data-resource-name="README.md"]').waitFor();
    return page;
}

/**
 * `Ingot: Compare Quantizations...` up to the page, with nothing of the types that are proposed but those that are named.
 * @param {import("./workbench.mjs").Workbench} workbench
 * @param {{ model: string, types: string[], text: string }} choice
 */
export async function chooseToCompare(workbench, { model, types, text }) {
    await workbench.runCommand("Ingot: Compare Quantizations...");
    await workbench.waitForQuickInput("Compare Quantizations (1/3)");
    await workbench.pickRow(model);
    await workbench.waitForQuickInput("Compare Quantizations (2/3)");
    await workbench.waitForRow(/bits per weight/);
    await workbench.uncheckAll();
    for (const type of types) {
        await workbench.quickInputBox.fill(type);
        await workbench.pick(type);
    }
    await workbench.press("Enter");
    await workbench.waitForQuickInput("Compare Quantizations (3/3)");
    await workbench.pickRow(text);
}

/**
 * Opens the chat and sends a question.
 * @param {import("./workbench.mjs").Workbench} workbench @param {string} question
 * @returns {Promise<{ state: string, answer: import("playwright-core").Locator }>} When the answer has ended, and how.
 */
export async function askChat(workbench, question) {
    const { input, answers, send } = workbench.chat();
    const nBefore = await answers.count();
    await input.fill(question);
    await send.waitFor();
    await input.press("Enter");
    const answer = answers.nth(nBefore);
    await answer.waitFor();
    const read = async () => (await answer.getAttribute("data-state")) ?? "";
    const hasEnded = (/** @type {string} */ state) => state !== "streaming";
    return { state: await workbench.poll(read, hasEnded, ANSWER_LIMIT_MS), answer };
}

/**
 * One turn of the chat that must give an answer.
 * @param {import("./workbench.mjs").Workbench} workbench @param {string} question
 * @returns {Promise<string>} Its whole text.
 */
export async function getAnswer(workbench, question) {
    const { state, answer } = await askChat(workbench, question);
    const text = (await answer.locator(".markdown").innerText()).trim();
    if (state === "done" && text !== "") return text;
    throw new Error(`the chat's answer is ${state}: ${await answer.innerText()}`);
}

/** @param {import("./workbench.mjs").Workbench} workbench */
export async function openChat(workbench) {
    await workbench.runCommand("Ingot: Open Chat");
    await workbench.chat().input.waitFor();
}
