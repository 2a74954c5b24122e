/** The library's folder while it comes and goes: what is watched, and when somebody is told. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Emitter } from "../../../../src/base/event";
import { watchModels } from "../../../../src/host/models/folderWatch";
import { temporaryFolder } from "../../../support/temporaryFolder";

const watchers = vi.hoisted(() => new Map<string, (() => void)[]>());
vi.mock("vscode", () => ({
    RelativePattern: class {
        constructor(
            readonly base: string,
            readonly glob: string,
        ) {}
    },
    Uri: { file: (path: string) => path },
    workspace: {
        createFileSystemWatcher({ base, glob }: { base: string; glob: string }) {
            const key = `${base} ${glob}`;
            const heard: (() => void)[] = [];
            watchers.set(key, heard);
            const on = (listener: () => void) => {
                heard.push(listener);
                return { dispose: () => undefined };
            };
            return {
                ...{ onDidCreate: on, onDidChange: on, onDidDelete: on },
                dispose: () => watchers.delete(key),
            };
        },
    },
}));

const root = temporaryFolder("watch");
const settings = new Emitter<void>();
let watched: { dispose(): void } | undefined;
let nTold = 0;

beforeEach(() => {
    watchers.clear();
    nTold = 0;
});
afterEach(() => watched?.dispose());

const begin = (folder: () => string) => {
    watched = watchModels({
        folder,
        settings: { onDidChange: settings.event } as never,
        onChange: () => nTold++,
    });
};
const isWatched = (key: string) => vi.waitFor(() => expect([...watchers.keys()]).toEqual([key]));
const happens = () => watchers.forEach((heard) => heard[0]?.());

it("is watched when it comes, and what it came with is told of", async () => {
    begin(() => join(root(), "a", "models"));
    await isWatched(`${root()} *`);
    expect(nTold).toBe(0);
    await mkdir(join(root(), "other"));
    happens();
    await mkdir(join(root(), "a"));
    happens();
    await isWatched(`${join(root(), "a")} *`);
    await mkdir(join(root(), "a", "models"));
    happens();
    await isWatched(`${join(root(), "a", "models")} *.gguf`);
    await vi.waitFor(() => expect(nTold).toBe(1), 2000);
    happens();
    await vi.waitFor(() => expect(nTold).toBe(2), 2000);
});

it("is another one when the settings say so", async () => {
    let folder = root();
    begin(() => folder);
    await isWatched(`${root()} *.gguf`);
    folder = join(root(), "b");
    settings.fire();
    await isWatched(`${root()} *`);
    folder = root();
    settings.fire();
    await isWatched(`${root()} *.gguf`);
    watched?.dispose();
    expect(watchers.size).toBe(0);
});
