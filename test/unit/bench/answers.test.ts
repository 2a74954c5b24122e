// Questions that bring their pieces along, to an engine that says what it was shown.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { answersOf, type AskedCase } from "../../../bench/quality/answers.mjs";

/** Answers with the texts of the pieces that it was given last; shows none of the kind `hidden`. */
const ENGINE = `
import { createInterface } from "node:readline";
const write = (message) => console.log(JSON.stringify(message));
let pieces = [];
createInterface({ input: process.stdin }).on("line", (line) => {
    const { type, id, offset, settings } = JSON.parse(line);
    if (type === "start") write({ type: "ready" });
    if (type === "set") pieces = (settings.snippets ?? []).filter(({ kind }) => kind !== "hidden");
    if (type === "request") {
        const text = pieces.map(({ text }) => text).join("+") + ";";
        const items = [{ text, start: offset, end: offset }];
        write({ type: "result", id, items, call: { inspection: { pieces } } });
    }
    if (type === "sync") write({ type: "synced", id });
    if (type === "stop") process.exit(0);
});
`;

let home: string;
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "ingot-answers-"));
    writeFileSync(join(home, "engine.mjs"), ENGINE);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const piece = (kind: string, text: string) => ({ kind, path: "other.js", text });

function ask(kind: string, isOffline = false) {
    const both = [piece("related", "a"), piece(kind, "b")];
    const one: AskedCase = {
        ...{ path: "own.js", languageId: "javascript", before: "x = ", after: "\n" },
        trigger: "manual",
        variants: [{ snippets: both }, { snippets: both.slice(0, 1), needs: kind }],
    };
    const command = [process.execPath, join(home, "engine.mjs")];
    const candidate = { name: "fake", command, settings: {} };
    const folder = join(home, "cache");
    return answersOf({
        ...{ candidate, cases: [one], model: "any", modelHash: "any" },
        ...{ folder, isOffline },
    });
}

it("asks with the pieces of each variant, once", async () => {
    const { answers, nNew } = await ask("edit");
    expect(answers[0]?.map((answer) => answer?.text)).toEqual(["a+b;", "a;"]);
    expect(answers[0]?.[0]?.pieces).toEqual(["related", "edit"]);
    expect(nNew).toBe(2);
    expect((await ask("edit")).nNew).toBe(0);
});

it("does not ask without a kind that was not in the prompt with everything", async () => {
    const { answers, nNew } = await ask("hidden");
    expect(answers[0]?.map((answer) => answer?.text)).toEqual(["a;", "a;"]);
    expect(nNew).toBe(1);
});

it("asks nothing offline", async () => {
    expect((await ask("edit", true)).answers).toEqual([[undefined, undefined]]);
});
