/** Every page of the view gets a connection of its own; what belonged to the page before ends with it. */

import type { Webview } from "vscode";
import { expect, it } from "vitest";
import { acceptPages } from "../../../src/host/page/webviewPort";
import { Channel, type Frame } from "../../../src/protocol/channel";
import type { ChatHostSide, ChatViewSide } from "../../../src/protocol/webview";

class FakeWebview {
    readonly sent: Frame[] = [];
    private listener: (message: unknown) => void = () => undefined;
    isListening = false;

    postMessage(frame: Frame): Promise<boolean> {
        this.sent.push(structuredClone(frame));
        return Promise.resolve(true);
    }
    onDidReceiveMessage(listener: (message: unknown) => void) {
        this.listener = listener;
        this.isListening = true;
        return { dispose: () => (this.isListening = false) };
    }
    say(message: unknown): void {
        this.listener(message);
    }
}

function setUp() {
    const webview = new FakeWebview();
    const said: string[] = [];
    const pages: Channel<ChatHostSide, ChatViewSide>[] = [];
    const nothing = () => undefined;
    const connection = acceptPages(webview as unknown as Webview, (port) => {
        const page = new Channel<ChatHostSide, ChatViewSide>(port, {
            build: "b",
            handlers: {
                send: ({ text }) => said.push(text) > 0,
                stop: (_, { signal }) =>
                    new Promise((_, reject) =>
                        signal.addEventListener("abort", () => reject(new Error("late"))),
                    ),
                retry: nothing,
                edit: () => true,
                selectVersion: nothing,
                showEarlier: nothing,
                newChat: nothing,
                newFile: nothing,
                toTerminal: nothing,
                removeChip: nothing,
                pinChip: nothing,
                suggest: () => [],
                choose: nothing,
                drop: nothing,
                copy: nothing,
                insert: nothing,
                apply: nothing,
                toggleChip: nothing,
                runCommand: nothing,
                openSource: () => undefined,
                openLink: nothing,
            },
            listeners: { ready: nothing, draft: nothing },
        });
        pages.push(page);
        return page;
    });
    return { webview, said, pages, connection };
}

it("says hello back and answers", async () => {
    const { webview, said, pages } = setUp();
    webview.say({ t: "hello", build: "b" });
    await pages[0]?.ready;
    webview.say({ t: "req", id: 1, m: "send", p: { text: "hi" } });
    await Promise.resolve();
    expect(said).toEqual(["hi"]);
    expect(webview.sent).toEqual([
        { t: "hello", build: "b" },
        { t: "res", id: 1, r: true },
    ]);
});

it("never answers a new page with what the page before asked", async () => {
    const { webview, pages } = setUp();
    webview.say({ t: "hello", build: "b" });
    webview.say({ t: "req", id: 1, m: "stop", p: undefined });
    webview.say({ t: "hello", build: "b" });
    await pages[1]?.ready;
    await Promise.resolve();
    expect(webview.sent.map((frame) => frame.t)).toEqual(["hello", "hello"]);
});

it("refuses a page of another build", async () => {
    const { webview, pages } = setUp();
    webview.say({ t: "hello", build: "other" });
    await expect(pages[0]?.ready).rejects.toThrow("different builds");
});

it("ignores what is no frame, and frames before hello", () => {
    const { webview, said } = setUp();
    for (const message of [null, 1, "x", {}, { t: "req", id: 1, m: "send", p: { text: "x" } }])
        webview.say(message);
    expect(said).toEqual([]);
    expect(webview.sent).toEqual([]);
});

it("stops listening when disposed", () => {
    const { webview, connection } = setUp();
    webview.say({ t: "hello", build: "b" });
    connection.dispose();
    expect(webview.isListening).toBe(false);
});
