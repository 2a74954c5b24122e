/** Which file a path in an answer means: of the root, of the editor, by its end; never one of a package or an ignored one. */

import { beforeEach, expect, it, vi } from "vitest";
import { namedFiles } from "../../../../src/host/edit/namedFile";

const disk = vi.hoisted(() => ({ folders: ["/w"], files: [] as string[] }));

vi.mock("vscode", () => {
    const uriOf = (path: string) => ({ path, toString: () => path });
    return {
        Uri: { joinPath: ({ path }: { path: string }, more: string) => uriOf(`${path}/${more}`) },
        workspace: {
            get workspaceFolders() {
                return disk.folders.map((path) => ({ uri: uriOf(path) }));
            },
            getWorkspaceFolder: ({ path }: { path: string }) => {
                const folder = disk.folders.find((one) => path.startsWith(`${one}/`));
                return folder === undefined ? undefined : { uri: uriOf(folder) };
            },
            fs: {
                stat: ({ path }: { path: string }) =>
                    disk.files.includes(path)
                        ? Promise.resolve({})
                        : Promise.reject(new Error("no file")),
            },
            findFiles: (pattern: string) =>
                Promise.resolve(
                    disk.files.filter((path) => path.endsWith(pattern.slice(2))).map(uriOf),
                ),
        },
    };
});

beforeEach(() => (disk.folders = ["/w"]));

async function found(path: string, files: string[], open?: string) {
    disk.files = files;
    const mayChange = (uri: { path: string }) => Promise.resolve(!uri.path.includes("/out/"));
    const editor = open === undefined ? undefined : { path: open, toString: () => open };
    const uris = await namedFiles(path, editor as never, mayChange);
    return uris.map((uri) => uri.path);
}

it.each([
    [
        "its path from the root",
        "src/a.ts",
        ["/w/src/a.ts", "/w/lib/src/a.ts"],
        undefined,
        ["/w/src/a.ts"],
    ],
    ["its only end", "src/a.ts", ["/w/lib/src/a.ts"], undefined, ["/w/lib/src/a.ts"]],
    ["several ends", "a.ts", ["/w/x/a.ts", "/w/y/a.ts"], undefined, ["/w/x/a.ts", "/w/y/a.ts"]],
    ["no package", "a.ts", ["/w/x/a.ts", "/w/node_modules/m/a.ts"], undefined, ["/w/x/a.ts"]],
    ["nothing ignored", "a.ts", ["/w/x/a.ts", "/w/out/a.ts"], undefined, ["/w/x/a.ts"]],
    ["an ignored one that is open", "a.ts", ["/w/out/a.ts"], "/w/out/a.ts", ["/w/out/a.ts"]],
    ["by its name the open one", "a.ts", ["/w/a.ts", "/w/x/a.ts"], "/w/x/a.ts", ["/w/x/a.ts"]],
    [
        "by its path the root's",
        "x/a.ts",
        ["/w/x/a.ts", "/w/y/x/a.ts"],
        "/w/y/x/a.ts",
        ["/w/x/a.ts"],
    ],
    ["one outside of the workspace", "x/a.ts", [], "/v/x/a.ts", ["/v/x/a.ts"]],
    ["none", "a.ts", ["/w/b.ts"], "/w/b.ts", []],
])("finds %s", async (_name, path, files, open, wanted) => {
    expect(await found(path, files, open)).toEqual(wanted);
});

it("prefers the workspace folder of the open file", async () => {
    disk.folders = ["/w", "/v"];
    const files = ["/w/src/a.ts", "/v/src/a.ts", "/v/b.ts"];
    expect(await found("src/a.ts", files, "/v/b.ts")).toEqual(["/v/src/a.ts"]);
    expect(await found("src/a.ts", files)).toEqual(["/w/src/a.ts", "/v/src/a.ts"]);
});
