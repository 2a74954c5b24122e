// `ingot complete` and `ingot chat` as a person or a bench runs them: real processes, the starter model.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chat } from "../../src/cli/chat";
import type { CliContext } from "../../src/cli/context";
import { buildOf, BUNDLES, LONG_TEXT, ROOT, STARTER } from "../support/engineProcess";

let home: string;
let file: string;
beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "ingot-cli-"));
    file = join(home, "a.ts");
    writeFileSync(file, "export function add(a: number, b: number) {\n    return \n}\n");
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Run {
    code: number | null;
    out: string;
    err: string;
}
/** `interruptGroup`: at the first progress line all processes get SIGINT, as from Ctrl+C on a terminal. */
function ingot(args: string[], input = "", interruptGroup = false): Promise<Run> {
    return new Promise((resolve) => {
        const child = spawn(process.execPath, [join(BUNDLES, "cli.mjs"), ...args], {
            env: { ...process.env, INGOT_HOME: home },
            detached: interruptGroup,
        });
        const run: Run = { code: null, out: "", err: "" };
        child.stdout.on("data", (data: Buffer) => (run.out += data.toString()));
        child.stderr.on("data", (data: Buffer) => {
            if (interruptGroup && run.err === "" && child.pid) process.kill(-child.pid, "SIGINT");
            run.err += data.toString();
        });
        child.on("close", (code) => resolve({ ...run, code }));
        child.stdin.end(input);
    });
}
const at = (place: string, model = "starter") => [
    "complete",
    "--model",
    model,
    "--file",
    file,
    "--at",
    place,
];

describe("ingot complete", () => {
    it("ends at the bench's stop, also while its input stays open", async () => {
        const child = spawn(process.execPath, [join(BUNDLES, "cli.mjs"), "complete", "--stdio"], {
            env: { ...process.env, INGOT_HOME: home },
            stdio: ["pipe", "ignore", "ignore"],
        });
        try {
            const closed = new Promise((resolve) => child.once("close", resolve));
            child.stdin.write('{"type":"stop"}\n');
            expect(await closed).toBe(0);
        } finally {
            child.kill("SIGKILL");
        }
    });

    it("prints an outcome with counts as JSON", async () => {
        const { code, out } = await ingot([...at("2:12"), "--json"]);
        expect(code).toBe(0);
        const outcome = JSON.parse(out) as { kind: string; tokens: { prompt: number } };
        expect(["suggestion", "none"]).toContain(outcome.kind);
        expect(outcome.tokens.prompt).toBeGreaterThan(10);
    });

    it.each([
        ["a place outside the file", () => at("9:1"), 2, "counted from 1"],
        ["a missing option", () => ["complete", "--model", "starter"], 2, "--file"],
        ["an unknown model", () => at("1:1", "nope"), 1, "There is no model nope"],
    ])("says what is wrong with %s", async (_, args, code, sentence) => {
        const run = await ingot(args());
        expect(run.code).toBe(code);
        expect(run.err).toContain(sentence);
        expect(run.out).toBe("");
    });

    it("says in one line that the model cannot be used", async () => {
        const broken = join(home, "broken.gguf");
        writeFileSync(broken, "no model at all");
        const sentence =
            "The file broken.gguf is not a usable GGUF model: it does not begin with the letters GGUF; download it again or choose another model\n";
        expect(await ingot(at("1:1", broken))).toEqual({ code: 1, out: "", err: sentence });
        const question = await ingot(["chat", "--model", broken], "Why?");
        expect(question).toEqual({ code: 1, out: "", err: sentence });
    });

    it("speaks the adapter protocol", async () => {
        const lines = [
            { type: "start", model: "starter", settings: { maxTokens: 16 }, clock: "virtual" },
            {
                type: "open",
                path: "a.py",
                languageId: "python",
                text: "def add(a, b):\n",
                cursor: 15,
            },
            {
                type: "change",
                path: "a.py",
                edits: [{ start: 15, end: 15, text: "    ret" }],
                version: 2,
            },
            { type: "request", id: 1, path: "a.py", offset: 22, trigger: "automatic" },
            { type: "sync", id: 5 },
            { type: "something new" },
            { type: "request", id: 2, path: "a.py", offset: 22, trigger: "automatic" },
            { type: "cancel", id: 2 },
            { type: "sync", id: 6 },
            { type: "set", settings: { maxTokens: 1 } },
            { type: "request", id: 3, path: "a.py", offset: 22, trigger: "manual" },
            { type: "sync", id: 7 },
            { type: "set", settings: {} },
            { type: "request", id: 4, path: "a.py", offset: 22, trigger: "manual" },
            { type: "sync", id: 8 },
            { type: "stop" },
        ];
        const { code, out } = await ingot(
            ["complete", "--stdio"],
            lines.map((line) => JSON.stringify(line)).join("\n"),
        );
        expect(code).toBe(0);
        const answers = out
            .trim()
            .split("\n")
            .map(
                (line) =>
                    JSON.parse(line) as {
                        type: string;
                        id?: number;
                        promptTokens?: number;
                        generatedTokens?: number;
                    },
            );
        expect(answers[0]?.type).toBe("ready");
        const results = answers.filter(({ type }) => type === "result");
        expect(results.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
        const works = answers.filter(({ type }) => type === "work");
        expect(works[0]).toMatchObject({ id: 1, kind: "completion" });
        expect(works[0]?.promptTokens).toBeGreaterThan(5);
        const order = answers.map(({ type, id }) => `${type} ${id ?? ""}`.trim());
        expect(order.indexOf("synced 5")).toBeGreaterThan(order.indexOf("result 1"));
        expect(order.at(-1)).toBe("synced 8");
        // What was known is forgotten, and the new setting holds until the next ones.
        expect(works.find(({ id }) => id === 3)).toMatchObject({ generatedTokens: 1 });
        expect(works.find(({ id }) => id === 4)?.generatedTokens).toBeGreaterThan(1);
    });
});

describe("ingot chat", () => {
    it("answers one question from stdin", async () => {
        const { code, out } = await ingot(
            ["chat", "--model", "starter", "--max-tokens", "8"],
            "What is a list?",
        );
        expect(code).toBe(0);
        expect(out.trim().length).toBeGreaterThan(0);
    });

    it("answers with one JSON document", async () => {
        const args = ["chat", "--model", "starter", "--max-tokens", "8", "--json"];
        const { code, out } = await ingot(args, "What is a list?");
        expect(code).toBe(0);
        expect(JSON.parse(out)).toMatchObject({ stop: "max-tokens", tokens: { generated: 8 } });
    });

    it("takes no question as an argument", async () => {
        const { code, err } = await ingot(["chat", "--model", "starter", "What?"]);
        expect(code).toBe(2);
        expect(err).toContain("Unexpected argument What?");
    });

    it("on a terminal goes on after a question that is too long, and loses no line", async () => {
        const stdin = Object.assign(new PassThrough(), { isTTY: true });
        const notes: string[] = [];
        const lines: string[] = [];
        const options = ["--model", "starter", "--context", "256", "--max-tokens", "4"];
        const context: CliContext = {
            args: options,
            json: false,
            signal: new AbortController().signal,
            stdin,
            stdout: process.stdout,
            stderr: new PassThrough().resume(),
            out: (text) => void lines.push(text),
            note: (text) => void notes.push(text),
            progress: { show: () => undefined, end: () => undefined },
            root: ROOT,
            bundles: BUNDLES,
            build: await buildOf("engine.mjs"),
            starterPath: STARTER,
        };
        stdin.end(`${LONG_TEXT.slice(0, 5000).replaceAll("\n", " ")}\none\n\ntwo\n`);
        expect(await chat.run(context)).toBe(0);
        expect(notes.join("\n")).toMatch(/tokens and the model's context has room for/);
        expect(lines.filter((text) => text === "\n")).toHaveLength(2);
    });

    it("stops at Ctrl+C with 130", async () => {
        const { code, err } = await ingot(
            ["chat", "--model", "starter", "--max-tokens", "900", "--progress", "json"],
            LONG_TEXT.slice(0, 3200),
            true,
        );
        expect(code).toBe(130);
        expect(err).not.toContain("stopped unexpectedly");
    });
});
