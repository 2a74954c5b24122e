// The editor that the chat is about when it is loaded later: the one used last, also when it is no longer in sight.
import { beforeEach, expect, it, vi } from "vitest";
import { LastEditor } from "../../../src/host/lastEditor";

type Listener = (value: unknown) => void;
const heard = vi.hoisted(() => ({ listeners: [] as Listener[], visible: [] as unknown[] }));
const heardBy = (listener: Listener) => {
    heard.listeners.push(listener);
    return { dispose: () => undefined };
};
vi.mock("vscode", () => ({
    window: {
        get visibleTextEditors() {
            return heard.visible;
        },
        activeTextEditor: undefined,
        onDidChangeActiveTextEditor: (listener: Listener) => heardBy(listener),
    },
    workspace: { onDidCloseTextDocument: (listener: Listener) => heardBy(listener) },
}));

const editor = (path: string, scheme = "file") => ({ document: { uri: { scheme, path } } });
beforeEach(() => {
    heard.visible = [];
    heard.listeners = [];
});

it("is there from the start, stays when a page or an output is in front, and goes with its document", () => {
    const first = editor("/a.ts");
    heard.visible = [first];
    const last = new LastEditor();
    const [activate, close] = heard.listeners;
    expect(last.current).toBe(first);
    const second = editor("/b.ts");
    activate?.(second);
    activate?.(undefined);
    activate?.(editor("/log", "output"));
    expect(last.current).toBe(second);
    close?.(first.document);
    expect(last.current).toBe(second);
    close?.(second.document);
    expect(last.current).toBeUndefined();
});
