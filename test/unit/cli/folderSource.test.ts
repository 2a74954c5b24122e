// Pieces of other files from a folder on the disk.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, expect, it } from "vitest";
import { syntaxFor } from "../syntax/setUp";
import { FolderSource, type OpenedFile } from "../../../src/cli/folderSource";
import { temporaryFolder } from "../../support/temporaryFolder";

const home = temporaryFolder("folder");
beforeEach(() => void mkdirSync(join(home(), "project/src"), { recursive: true }));

const write = (path: string, text: string) => writeFileSync(join(home(), path), text);
function gather(prefix: string, visited: OpenedFile[] = []) {
    const source = new FolderSource({
        folderOf: () => join(home(), "project"),
        visited: () => visited,
    });
    const place = { uri: "u", path: "src/own.ts", languageId: "typescript", version: 1 };
    return source.gather({ ...place, prefix, suffix: "\n" });
}

it("finds what the document imports, in its folder", async () => {
    write("project/src/other.ts", "export function helper(a: number) {\n    return a;\n}\n");
    const found = await gather('import { helper } from "./other";\nhelper(');
    expect(found).toEqual([
        {
            kind: "definition",
            path: "src/other.ts",
            file: pathToFileURL(join(home(), "project/src/other.ts")).href,
            text: "export function helper(a: number) {\n    return a;\n}",
            symbols: ["helper"],
        },
    ]);
});

it("reads nothing outside of the folder, no secrets, nothing binary and nothing large", async () => {
    const code = "export const secret = 1;\n";
    write("outside.ts", code);
    write("project/src/.env", code);
    write("project/src/binary.ts", `${code}\0`);
    write("project/src/large.ts", code + "// much\n".repeat(80_000));
    const paths = ["../../outside", "./.env", "./binary", "./large"];
    for (const path of paths)
        expect(await gather(`import { secret } from "${path}";\nsecret`)).toEqual([]);
});

it("reads nothing that is ignored, and follows no link out of the folder or to what is ignored", async () => {
    const code = "export const secret = 1;\n";
    mkdirSync(join(home(), ".git"));
    mkdirSync(join(home(), "project/made"));
    write(".gitignore", "made/\n");
    write("project/src/.ingotignore", "private.ts\n");
    for (const path of ["outside.ts", "project/made/out.ts", "project/src/private.ts"])
        write(path, code);
    write("project/src/shown.ts", code);
    const link = (to: string, from: string) => symlinkSync(join(home(), to), join(home(), from));
    link("outside.ts", "project/src/left.ts");
    link("project/made/out.ts", "project/src/hidden.ts");
    link("project/src/shown.ts", "project/src/inside.ts");
    const paths = new Set<string>();
    for (const path of ["../made/out", "./private", "./left", "./hidden", "./inside"])
        for (const found of await gather(`import { secret } from "${path}";\nsecret`))
            paths.add(found.path);
    expect([...paths].sort()).toEqual(["src/inside.ts", "src/shown.ts"]);
});

it("reads of a folder that is ignored as a whole, because it was named, what its own rules let", async () => {
    mkdirSync(join(home(), ".git"));
    write(".gitignore", "project/\n");
    write("project/.gitignore", "own-rule.ts\n");
    write("project/src/own-rule.ts", "export const kept = 1;\n");
    write("project/src/other.ts", "export const told = 1;\n");
    const found = await gather(
        'import { kept } from "./own-rule";\nimport { told } from "./other";\nkept + told',
    );
    expect(found.map(({ path }) => path)).toEqual(["src/other.ts"]);
});

it("shows no piece with a key in it", async () => {
    const key = `ghp_${"a1B2".repeat(9)}`;
    write("project/src/keys.ts", `export const key = "${key}";\n`);
    expect(await gather('import { key } from "./keys";\nkey')).toEqual([]);
});

it("shows a file that was opened as it was opened, and an imported one once", async () => {
    write("project/src/seen.ts", "export const connect = (host, port) => host;\n");
    const opened = { path: "src/seen.ts", text: "connect(host, port); close(host);\n" };
    const found = await gather("connect(host, port", [opened]);
    expect(found.map(({ kind, path }) => [kind, path])).toEqual([["visited", "src/seen.ts"]]);
    const imported = await gather('import { connect } from "./seen";\nconnect(host, port', [
        opened,
    ]);
    expect(imported.map(({ kind }) => kind)).toEqual(["definition"]);
});

it("knows by the grammar what files of other languages define, and which names are none", async () => {
    const syntax = await syntaxFor("c");
    write("project/src/other.c", "static int added(int a) {\n    return a;\n}\nint said;\n");
    const source = new FolderSource({
        folderOf: () => join(home(), "project"),
        visited: () => [],
        syntax,
    });
    const place = { uri: "u", path: "src/own.c", languageId: "c", version: 1 };
    const prefix = "/* As it is\n said elsewhere. */\nint f(int a) {\n    return added(a, ";
    const found = await source.gather({ ...place, prefix, suffix: ");\n}\n" });
    const definitions = found.filter(({ kind }) => kind === "definition");
    expect(definitions).toEqual([
        {
            kind: "definition",
            path: "src/other.c",
            file: pathToFileURL(join(home(), "project/src/other.c")).href,
            text: "static int added(int a) {\n    return a;\n}",
            symbols: ["added"],
        },
    ]);
});

it("goes on without a folder", async () => {
    const source = new FolderSource({ folderOf: () => undefined, visited: () => [] });
    const place = { uri: "u", path: "a.ts", languageId: "typescript", version: 1 };
    expect(await source.gather({ ...place, prefix: "x", suffix: "" })).toEqual([]);
});
