// The editor that the chat is about when it is loaded later: the one used last, also when it is no longer in sight.
import { beforeEach, expect, it, vi } from "vitest";
import { LastEditor } from "../../../src/host/lastEditor";

const heard = vi.hoisted(() => ({
    active: (_: unknown) => undefined as void,
    close: (_: unknown) => undefined as void,
    visible: [] as unknown[],
}));
vi.mock("vscode", () => ({
    window: {
        get visibleTextEditors() {
            return heard.visible;
        },
        activeTextEditor: undefined,
        onDidChangeActiveTextEditor: (listener: typeof heard.active) => {
            heard.active = listener;
            return { dispose: () => undefined };
        },
    },
    workspace: {
        onDidCloseTextDocument: (listener: typeof heard.close) => {
            heard.close = listener;
            return { dispose: () => undefined };
        },
    },
}));

const editor = (path: string, scheme = "file") => ({ document: { uri: { scheme, path } } });
beforeEach(() => {
    heard.visible = [];
});

it("is there from the start, stays when a page or an output is in front, and goes with its document", () => {
    const first = editor("/a.ts");
    heard.visible = [first];
    const last = new LastEditor();
    expect(last.current).toBe(first);
    const second = editor("/b.ts");
    heard.active(second);
    heard.active(undefined);
    heard.active(editor("/log", "output"));
    expect(last.current).toBe(second);
    heard.close(first.document);
    expect(last.current).toBe(second);
    heard.close(second.document);
    expect(last.current).toBeUndefined();
});
