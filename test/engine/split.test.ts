/** A model in several files, made with our own splitter: completes and chats as in one file, from the disk and from a Hub; bad sets are refused. */

import {
    copyFileSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    statSync,
    truncateSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HubFetchResult, HubPage } from "../../src/protocol/hub";
import type { ConvertResult, InspectResult } from "../../src/protocol/worker";
import { ingot } from "../support/cliProcess";
import {
    completionRequest,
    modelSpec,
    ROOT,
    STARTER,
    startEngine,
    type TestEngine,
} from "../support/engineProcess";
import { startFakeHub } from "../support/fakeHub.mjs";

const signal = new AbortController().signal;
const REPO = "tiny/Split-GGUF";
let home: string;
let engine: TestEngine;
let parts: string[];
let sizeBytes: number;

beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "ingot-split-"));
    const out = join(home, "parts", "starter-Q8_0.gguf");
    const made = await run(
        "quantize",
        STARTER,
        "--type",
        "COPY",
        "--split-max-tensors",
        "20",
        "--out",
        out,
        "--json",
    );
    const { files } = JSON.parse(made.out) as ConvertResult;
    parts = files.map(({ file }) => file);
    sizeBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    engine = await startEngine();
});
afterAll(async () => {
    await engine.dispose();
    rmSync(home, { recursive: true, force: true });
});

const run = (...args: string[]) => ingot(args, { home: join(home, "data") });
const complete = async (path: string) => {
    const spec = modelSpec(path);
    await engine.client.configure({ completion: spec, chat: spec, idleUnloadMs: 0 });
    const request = completionRequest("export function add(a, b) {\n    return ");
    return engine.client.complete(request, signal);
};

const chatRequest = {
    conversation: "c",
    messages: [{ role: "user" as const, content: "Write a function" }],
    maxTokens: 12,
    temperature: 0,
    seed: 1,
};

let nCopies = 0;
/** The parts in a folder of their own; returns it. */
function copyParts(): string {
    const folder = join(home, `copy-${nCopies++}`);
    mkdirSync(folder);
    for (const part of parts) copyFileSync(part, join(folder, basename(part)));
    return folder;
}

describe("a split model", () => {
    it("answers as the same model in one file does", async () => {
        expect(parts.map((part) => basename(part))).toEqual([
            "starter-Q8_0-00001-of-00003.gguf",
            "starter-Q8_0-00002-of-00003.gguf",
            "starter-Q8_0-00003-of-00003.gguf",
        ]);
        const answers = [];
        for (const path of [STARTER, parts[0] ?? ""]) {
            const outcome = await complete(path);
            expect(outcome).toMatchObject({
                kind: "suggestion",
                tokens: { prompt: 14, reused: 0 },
            });
            const { text } = outcome as { text: string };
            const chat = await engine.client.request("chat", chatRequest);
            answers.push({ text, chat: { ...chat, timings: undefined } });
        }
        expect(answers[0]?.chat.tokens.generated).toBe(chatRequest.maxTokens);
        expect(answers[1]).toEqual(answers[0]);
    });

    it("says its whole size and shape", async () => {
        await engine.client.configure({ completion: modelSpec(parts[0] ?? ""), idleUnloadMs: 0 });
        const info = await engine.client.request("model/load", { role: "completion" });
        expect(info).toMatchObject({
            path: parts[0],
            sizeBytes,
            fileType: "Q8_0",
            nParameters: 5_247_232,
            nLayers: 4,
            fim: { supported: true },
        });
    });

    it("is inspected as one", async () => {
        const whole = JSON.parse((await run("inspect", STARTER, "--json")).out) as InspectResult;
        const { code, out } = await run("inspect", parts[0] ?? "", "--json");
        const result = JSON.parse(out) as InspectResult;
        expect(code).toBe(0);
        expect(result).toMatchObject({ nFiles: 3, sizeBytes, nParameters: whole.nParameters });
        expect(result).not.toHaveProperty("problem");
        expect(result.tensors).toEqual(whole.tensors);
        expect((await run("inspect", parts[0] ?? "")).out).toContain(" in 3 files, ");
    });
});

describe("a bad set of files: one sentence, and the engine lives", () => {
    const name = (part: number) => `starter-Q8_0-0000${part}-of-00003.gguf`;

    it.each<[string, (folder: string) => string, string]>([
        [
            "a part is missing",
            (folder) => {
                rmSync(join(folder, name(2)));
                return name(1);
            },
            `${name(1)} is part 1 of a model in 3 files, and ${name(2)} is missing beside it; put all 3 files into one folder`,
        ],
        [
            "a later part is chosen",
            () => name(3),
            `${name(3)} is part 3 of a model in 3 files; choose the first, ${name(1)}`,
        ],
        [
            "parts have each other's names",
            (folder) => {
                renameSync(join(folder, name(2)), join(folder, "x"));
                renameSync(join(folder, name(3)), join(folder, name(2)));
                renameSync(join(folder, "x"), join(folder, name(3)));
                return name(1);
            },
            "The 3 files do not belong to one model: the file of part 2 says that it is part 3 of 3; download all parts again, under their own names",
        ],
        [
            "a part is the whole model",
            (folder) => {
                copyFileSync(STARTER, join(folder, name(3)));
                return name(1);
            },
            "the file of part 3 says that it is a whole model",
        ],
        [
            "the last part is cut off",
            (folder) => {
                const last = join(folder, name(3));
                truncateSync(last, statSync(last).size - 4096);
                return name(1);
            },
            "its part 3 ends inside the data of",
        ],
        [
            "the first part has another name",
            (folder) => {
                renameSync(join(folder, name(1)), join(folder, "coder.gguf"));
                return "coder.gguf";
            },
            "its name does not end as llama.cpp wants it, like NAME-00001-of-00003.gguf",
        ],
        [
            "a part's number has another type, which ends llama.cpp",
            (folder) => {
                const file = join(folder, name(2));
                const bytes = readFileSync(file);
                const at = bytes.indexOf("split.no") + "split.no".length;
                expect(bytes.readUInt32LE(at)).toBe(2);
                bytes.writeUInt32LE(3, at);
                writeFileSync(file, bytes);
                return name(1);
            },
            "The 3 files do not belong to one model",
        ],
    ])("%s", async (_, damage, sentence) => {
        const folder = copyParts();
        const path = join(folder, damage(folder));
        const before = engine.client.state;
        await expect(complete(path)).rejects.toThrow(sentence);
        expect(engine.client.state).toEqual(before);
        expect((await complete(STARTER)).tokens?.generated).toBeGreaterThan(0);
        // Said beforehand, too.
        const inspected = await run("inspect", path);
        if (inspected.code === 0) expect(inspected.out).toContain("\nCannot be run: ");
        else expect(inspected.err).toContain("ends inside");
    });
});

describe("a split model of a Hub", () => {
    it("is downloaded as one job, listed as one model, runs, and goes with all of its files", async () => {
        const hub = await startFakeHub({ repos: { [REPO]: join(home, "parts") } });
        const cache = join(home, "hub");
        const env = { HOME: home, HF_ENDPOINT: hub.url, HF_TOKEN: "", HF_HUB_CACHE: cache };
        const online = (...args: string[]) => ingot(args, { home: join(home, "data"), env });
        try {
            const files = await online("models", "files", REPO, "--json");
            expect((JSON.parse(files.out) as HubPage).ggufs).toEqual([
                {
                    file: basename(parts[0] ?? ""),
                    type: "Q8_0",
                    sizeBytes,
                    files: parts.map((part) => basename(part)),
                },
            ]);
            const fetched = await online("models", "fetch", REPO, "--json");
            const result = JSON.parse(fetched.out) as HubFetchResult;
            expect(result.files.map(({ isNew }) => isNew)).toEqual([true, true, true]);
            expect(result.bytes).toBe(sizeBytes);
            const progress = await online("models", "fetch", REPO, "--progress", "json");
            const last = progress.err.trim().split("\n").at(-1) ?? "";
            expect(JSON.parse(last)).toMatchObject({ done: sizeBytes, total: sizeBytes });
        } finally {
            await hub.close();
        }
        const listed = JSON.parse((await online("models", "list", "--json")).out) as object[];
        const inHub = listed.filter((model) => (model as { origin: string }).origin === "hub");
        const name = "starter-Q8_0-00001-of-00003";
        expect(inHub).toMatchObject([{ name, sizeBytes, fileType: "Q8_0" }]);

        const source = join(ROOT, "sample/src/basket.ts");
        const at = ["--file", source, "--at", "20:1", "--json"];
        const done = await online("complete", "--model", name, ...at);
        expect(done).toMatchObject({ code: 0, err: "" });

        expect((await online("models", "remove", name)).code).toBe(0);
        const blobs = join(cache, "models--tiny--Split-GGUF", "blobs");
        expect(readdirSync(blobs)).toEqual([]);
    });
});
