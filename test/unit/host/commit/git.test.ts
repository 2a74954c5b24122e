// Which repository a commit message is for, when several are open.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Uri } from "vscode";
import { chooseRepository } from "../../../../src/host/commit/git";

const editor = vi.hoisted(() => ({ active: "", picked: [] as string[][] }));
vi.mock("vscode", () => {
    class FakeUri {
        readonly scheme = "file";
        constructor(readonly path: string) {}
        get fsPath() {
            return this.path;
        }
        static parse(text: string) {
            return new FakeUri(text.replace("file://", ""));
        }
        toString() {
            return `file://${this.path}`;
        }
    }
    const repositories = ["/a", "/b"].map((path) => ({ rootUri: new FakeUri(path) }));
    const api = {
        state: "initialized",
        repositories,
        getRepository: ({ path }: Uri) =>
            repositories.find(({ rootUri }) => path.startsWith(`${rootUri.path}/`)) ?? null,
    };
    return {
        Uri: FakeUri,
        ThemeIcon: class {},
        extensions: {
            getExtension: () => ({ activate: async () => ({ enabled: true, getAPI: () => api }) }),
        },
        window: {
            get activeTextEditor() {
                return { document: { uri: new FakeUri(editor.active) } };
            },
        },
    };
});
vi.mock("../../../../src/host/models/pick", () => ({
    pickOne: async ({ rows }: { rows: { description: string; value: unknown }[] }) => {
        editor.picked.push(rows.map(({ description }) => description));
        return rows[1]?.value;
    },
}));
const { Uri: AnyUri } = await import("vscode");

const chosen = async (given: unknown) =>
    (await chooseRepository(given, new AbortController().signal)).rootUri.path;

beforeEach(() => {
    editor.active = "/a/src/x.ts";
    editor.picked = [];
});

describe("chooseRepository", () => {
    it("is that of the view whose button was pressed, whatever is open", async () => {
        expect(await chosen({ rootUri: AnyUri.parse("file:///b") })).toBe("/b");
        expect(await chosen("file:///b")).toBe("/b");
        expect(editor.picked).toEqual([]);
    });

    it("asks where the view's repository is not known, and never takes the editor's instead", async () => {
        expect(await chosen({ rootUri: AnyUri.parse("file:///link-to-b") })).toBe("/b");
        expect(await chosen({ id: "other" })).toBe("/b");
        expect(editor.picked).toEqual([
            ["/a", "/b"],
            ["/a", "/b"],
        ]);
    });

    it("without a view is that of the open file, else the person is asked", async () => {
        expect(await chosen(undefined)).toBe("/a");
        editor.active = "/c/x.ts";
        expect(await chosen(undefined)).toBe("/b");
        expect(editor.picked).toHaveLength(1);
    });
});
