// Models of other tools: found where each tool keeps them, judged by header, used in place; whatever else lies there is passed over.
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findModels } from "../../../src/library/found";
import { listAllModels, removeModel, resolveModel } from "../../../src/library/library";
import { knownPlaces } from "../../../src/library/places";
import { rejection } from "../../support/failure";
import { tinyGguf, tinyParts } from "../../support/tinyGguf";

let home: string;
let places: { env: Record<string, string>; home: string; platform: NodeJS.Platform };

beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "ingot-home-"));
    places = { env: {}, home, platform: "darwin" };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

let nModels = 0;
/** A model with bytes of its own. */
const model = () =>
    tinyGguf({ keys: { "general.name": { type: "string", value: `M${nModels++}` } } });

function put(path: string, bytes: Uint8Array | string): string {
    const full = join(home, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, bytes);
    return full;
}

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** As huggingface_hub stores it: the blob, and its name in a snapshot. */
function putHub(repo: string, file: string, bytes = model(), commit = COMMIT): string {
    const folder = `.cache/huggingface/hub/models--${repo.replace("/", "--")}`;
    const hash = createHash("sha256").update(bytes).digest("hex");
    const blob = put(`${folder}/blobs/${hash}`, bytes);
    const name = join(home, folder, "snapshots", commit, file);
    mkdirSync(dirname(name), { recursive: true });
    symlinkSync(blob, name);
    return name;
}

function putOllama(path: string, bytes: Uint8Array, change: object = {}): string {
    const hash = createHash("sha256").update(bytes).digest("hex");
    const layer = {
        mediaType: "application/vnd.ollama.image.model",
        digest: `sha256:${hash}`,
        size: bytes.length,
        ...change,
    };
    const other = {
        mediaType: "application/vnd.ollama.image.license",
        digest: "sha256:00",
        size: 1,
    };
    put(`.ollama/models/manifests/${path}`, JSON.stringify({ layers: [other, layer] }));
    return put(`.ollama/models/blobs/sha256-${hash}`, bytes);
}

const found = async () => (await findModels(places)).models;
const skipped = async () => (await findModels(places)).skipped;

describe("found", () => {
    it("in the Hub cache, by their snapshots", async () => {
        const path = putHub("Qwen/Coder-GGUF", "coder-q8_0.gguf");
        putHub("Qwen/Coder-GGUF", "README.md", new TextEncoder().encode("x"));
        put(".cache/huggingface/hub/datasets--a--b/snapshots/x/data.gguf", model());
        expect(await found()).toEqual([
            {
                name: "coder-q8_0",
                path,
                sizeBytes: tinyGguf().length,
                origin: "hub",
                repo: "Qwen/Coder-GGUF",
                fileType: "Q8_0",
                architecture: "llama",
            },
        ]);
    });

    it("in LM Studio's folders, also where its settings and its pointer say", async () => {
        const usual = put(".lmstudio/models/pub/repo/a.gguf", model());
        const moved = put("big disk/models/pub/repo/b.gguf", model());
        put(
            ".lmstudio/settings.json",
            JSON.stringify({ downloadsFolder: join(home, "big disk/models") }),
        );
        put(".lmstudio-home-pointer", `${join(home, "studio")}\n`);
        const pointed = put("studio/models/pub/repo/c.gguf", model());
        expect((await found()).map(({ path, origin }) => [path, origin])).toEqual(
            [pointed, moved, usual].map((path) => [path, "lmstudio"]),
        );
    });

    it("in llama.cpp's cache of each system, and in LLAMA_CACHE", async () => {
        const mac = put("Library/Caches/llama.cpp/owner_repo_m.gguf", model());
        const linux = put(".cache/llama.cpp/owner_repo_l.gguf", model());
        const own = put("elsewhere/own.gguf", model());
        expect((await found()).map(({ path }) => path)).toEqual([mac]);
        places.platform = "linux";
        expect((await found()).map(({ path }) => path)).toEqual([linux]);
        places.env["LLAMA_CACHE"] = join(home, "elsewhere");
        expect((await found()).map(({ path, origin }) => [path, origin])).toEqual([
            [own, "llamacpp"],
        ]);
    });

    it("in Ollama, by its manifests and under its names", async () => {
        const a = putOllama("registry.ollama.ai/library/qwen2.5-coder/1.5b", model());
        const b = putOllama("registry.ollama.ai/someone/coder/latest", model());
        const c = putOllama("hf.co/owner/repo/Q4_K_M", model());
        const all = await found();
        expect(Object.fromEntries(all.map(({ name, path }) => [name, path]))).toEqual({
            "qwen2.5-coder:1.5b": a,
            "someone/coder:latest": b,
            "hf.co/owner/repo:Q4_K_M": c,
        });
        expect(all.every(({ origin }) => origin === "ollama")).toBe(true);
    });

    it("in named folders, first, and once under several names", async () => {
        const bytes = model();
        const path = put("mine/deep/er/x.gguf", bytes);
        symlinkSync(path, join(home, "mine/again.gguf"));
        mkdirSync(join(home, ".lmstudio/models"), { recursive: true });
        symlinkSync(path, join(home, ".lmstudio/models/x.gguf"));
        const { models } = await findModels({ ...places, searchFolders: ["~/mine", " ", "/none"] });
        expect(models.map(({ name, origin }) => [name, origin])).toEqual([["again", "folder"]]);
    });

    it("as one when it is split, wherever it lies", async () => {
        const parts = tinyParts(2);
        const sizeBytes = parts.reduce((sum, bytes) => sum + bytes.length, 0);
        const part = (n: number) => `m-Q8_0-0000${n}-of-00002.gguf`;
        const put2 = (folder: string) =>
            parts.map((bytes, i) => put(`${folder}/${part(i + 1)}`, bytes))[0];
        const [hub] = parts.map((bytes, i) => putHub("a/One", `q8/${part(i + 1)}`, bytes));
        const studio = put2(".lmstudio/models/pub/repo");
        const llama = put2("Library/Caches/llama.cpp");
        expect(await found()).toEqual(
            [
                { name: "m-Q8_0-00001-of-00002", path: hub, origin: "hub", repo: "a/One" },
                { name: "pub/repo/m-Q8_0-00001-of-00002", path: studio, origin: "lmstudio" },
                { name: "llamacpp/m-Q8_0-00001-of-00002", path: llama, origin: "llamacpp" },
            ].map((one) => ({ ...one, sizeBytes, fileType: "Q8_0", architecture: "llama" })),
        );
    });

    it("with names of their own when two have the same", async () => {
        putHub("a/One", "m.gguf");
        putHub("b/Two", "m.gguf");
        put(".lmstudio/models/pub/repo/m.gguf", model());
        expect((await found()).map(({ name }) => name)).toEqual(["m", "b/Two/m", "pub/repo/m"]);
    });
});

describe("passed over, with a reason", () => {
    it("files that are no models to run", async () => {
        const kind = (value: string) =>
            tinyGguf({ keys: { "general.type": { type: "string", value } } });
        const folder = ".lmstudio/models/p/r";
        put(`${folder}/garbage.gguf`, "no model at all");
        put(`${folder}/cut.gguf`, tinyGguf().subarray(0, 300));
        put(`${folder}/adapter.gguf`, kind("adapter"));
        put(`${folder}/vision.gguf`, kind("mmproj"));
        put(
            `${folder}/huge.gguf`,
            tinyGguf({ keys: { "general.architecture": { type: "string", value: "nonesuch" } } }),
        );
        const reasons: Record<string, string> = Object.fromEntries(
            (await skipped()).map(({ path, reason }) => [path.split("/").at(-1) ?? "", reason]),
        );
        expect(reasons["garbage.gguf"]).toContain("does not begin with the letters GGUF");
        expect(reasons["cut.gguf"]).toContain("ends inside");
        expect(reasons["adapter.gguf"]).toContain("adapter");
        expect(reasons["vision.gguf"]).toContain("sees images");
        expect(reasons["huge.gguf"]).toContain("nonesuch");
        expect(await found()).toEqual([]);
    });

    it("split models that are not whole, once each", async () => {
        const parts = tinyParts(3);
        const put3 = (folder: string, ...which: number[]) =>
            which.forEach((n) =>
                put(`.lmstudio/models/${folder}/m-0000${n}-of-00003.gguf`, parts[n - 1] ?? ""),
            );
        put3("last", 1, 2);
        put3("first", 2, 3);
        const reasons = (await skipped()).map(({ path, reason }) => [
            path.split("/").at(-2),
            reason,
        ]);
        expect(reasons).toEqual([
            ["first", expect.stringContaining("choose the first, m-00001-of-00003.gguf")],
            ["last", expect.stringContaining("m-00003-of-00003.gguf is missing beside it")],
        ]);
        expect(await found()).toEqual([]);
    });

    it("manifests that lie", async () => {
        const at = (name: string) => `registry.ollama.ai/library/${name}/latest`;
        putOllama(at("path"), model(), { digest: "sha256:../../../etc/passwd" });
        putOllama(at("size"), model(), { size: 5 });
        putOllama(at("gone"), model(), { digest: `sha256:${"0".repeat(64)}` });
        putOllama(at("kind"), model(), { mediaType: "text/plain" });
        put(`.ollama/models/manifests/${at("text")}`, "{");
        put(`.ollama/models/manifests/${at("null")}`, "null");
        put(`.ollama/models/manifests/${at("long")}`, `"${"x".repeat(300_000)}"`);
        const reasons = (await skipped()).map(({ path, reason }) => [
            path.split("/").at(-2),
            reason,
        ]);
        expect(Object.fromEntries(reasons)).toEqual({
            path: "its model has no valid digest",
            size: "its model is not whole",
            gone: "its model is not on the disk",
            kind: "it has no model",
            text: "the manifest is not valid JSON",
            null: "the manifest lists no layers",
            long: "the manifest is too long",
        });
        expect(await found()).toEqual([]);
    });

    it("circles of links, pipes, broken links, parts of downloads", async () => {
        const folder = join(home, ".lmstudio/models");
        const path = put(".lmstudio/models/ok.gguf", model());
        symlinkSync(folder, join(folder, "again"));
        symlinkSync(join(folder, "nothing"), join(folder, "broken.gguf"));
        put(".lmstudio/models/x.gguf.part", model());
        mkdirSync(join(folder, "folder.gguf"));
        if (process.platform !== "win32") execFileSync("mkfifo", [join(folder, "pipe.gguf")]);
        expect((await found()).map((one) => one.path)).toEqual([path]);
    });

    it("nothing at all where no tool was ever installed", async () => {
        expect(await findModels({ ...places, home: join(home, "none") })).toEqual({
            models: [],
            skipped: [],
        });
        expect((await knownPlaces({ ...places, platform: "win32" })).length).toBe(5);
    });
});

describe("the library with what was found", () => {
    const folder = () => join(home, "library");
    const starter = () => join(home, "starter.gguf");
    beforeEach(() => {
        put("starter.gguf", model());
        put("library/own.gguf", model());
    });

    it("lists its own first, and finds the others by name", async () => {
        const path = putHub("a/One", "m.gguf");
        const { models } = await listAllModels(starter(), folder(), places);
        expect(models.map(({ name, origin }) => [name, origin])).toEqual([
            ["starter", "starter"],
            ["own", "own"],
            ["m", "hub"],
        ]);
        expect(await resolveModel("m", starter(), folder(), places)).toBe(path);
        const error = await rejection(resolveModel("none", starter(), folder(), places));
        expect(error.message).toContain("starter, own, m");
    });

    it("removes a model of the Hub cache with its blob, unless another commit has it too", async () => {
        const bytes = model();
        const path = putHub("a/One", "m.gguf", bytes);
        const other = putHub("a/One", "m.gguf", bytes, COMMIT.replace("0", "f"));
        const blobs = join(home, ".cache/huggingface/hub/models--a--One/blobs");
        await removeModel("m", starter(), folder(), places);
        expect([existsSync(path), existsSync(other)]).toEqual([false, true]);
        expect(readdirSync(blobs).length).toBe(1);
        await removeModel("m", starter(), folder(), places);
        expect(existsSync(other)).toBe(false);
        expect(readdirSync(blobs)).toEqual([]);
    });

    it("removes all parts of a split model with their blobs", async () => {
        const paths = tinyParts(3).map((bytes, i) =>
            putHub("a/One", `m-0000${i + 1}-of-00003.gguf`, bytes),
        );
        await removeModel("m-00001-of-00003", starter(), folder(), places);
        expect(paths.filter((path) => existsSync(path))).toEqual([]);
        expect(readdirSync(join(home, ".cache/huggingface/hub/models--a--One/blobs"))).toEqual([]);
    });

    it("refuses to remove what belongs to other tools", async () => {
        const path = put(".lmstudio/models/x.gguf", model());
        const error = await rejection(removeModel("x", starter(), folder(), places));
        expect(error.message).toBe("x belongs to LM Studio; remove it there");
        expect(existsSync(path)).toBe(true);
    });
});
