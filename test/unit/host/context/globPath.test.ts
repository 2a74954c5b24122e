// What the patterns of settings are matched with, inside and outside of the workspace's folder.
import { afterEach, expect, it, vi } from "vitest";
import { Uri } from "vscode";
import { globPath } from "../../../../src/host/context/globPath";
import { world } from "../../../support/editorMock";

vi.mock("vscode", async () => (await import("../../../support/editorMock")).vscode);
afterEach(() => {
    world.folder = undefined;
});

it.each([
    ["/project", "/project/src/a.ts", "src/a.ts"],
    ["/project", "/elsewhere/src/a.ts", "elsewhere/src/a.ts"],
    [undefined, "/project/src/a.ts", "project/src/a.ts"],
    [undefined, "/c:/project/src/a.ts", "project/src/a.ts"],
])("in the folder %s, %s is %s", (folder, path, expected) => {
    world.folder = folder;
    expect(globPath(Uri.file(path))).toBe(expected);
});
