/**
 * Ports over a webview's messages. A page is loaded anew each time its view was hidden, so every page gets a port of its own; its
 * first frame is `hello`, and whatever the page before it was waiting for is closed.
 */

import type { Webview } from "vscode";
import { AppError } from "../../base/errors";
import { MutableDisposable, toDisposable, type Disposable } from "../../base/lifecycle";
import type { Frame, Port } from "../../protocol/channel";

/** Calls `connect` with a port for each page that loads; what it returns is disposed with that page. */
export function acceptPages(webview: Webview, connect: (port: Port) => Disposable): Disposable {
    const page = new MutableDisposable<Disposable>();
    let current: PagePort | undefined;
    const listener = webview.onDidReceiveMessage((message: unknown) => {
        if (!isFrame(message)) return;
        if (message.t === "hello") {
            page.value = undefined;
            const port = new PagePort(webview);
            current = port;
            const connection = connect(port);
            page.value = toDisposable(() => {
                connection.dispose();
                port.close();
            });
        }
        current?.receive(message);
    });
    return toDisposable(() => {
        listener.dispose();
        page.dispose();
    });
}

class PagePort implements Port {
    private readonly frames: ((frame: Frame) => void)[] = [];
    private readonly closes: ((reason: AppError) => void)[] = [];
    private isOpen = true;

    constructor(private readonly webview: Webview) {}

    send(frame: Frame): void {
        // False when the page is hidden; it asks for the whole state when it is loaded again.
        if (this.isOpen) void this.webview.postMessage(frame);
    }

    receive(frame: Frame): void {
        if (this.isOpen) for (const listener of this.frames) listener(frame);
    }

    onFrame(listener: (frame: Frame) => void): void {
        this.frames.push(listener);
    }

    onClose(listener: (reason: AppError) => void): void {
        this.closes.push(listener);
    }

    close(): void {
        if (!this.isOpen) return;
        this.isOpen = false;
        const reason = new AppError("engine/gone", "The chat view was closed");
        for (const listener of this.closes) listener(reason);
    }
}

function isFrame(message: unknown): message is Frame {
    return typeof message === "object" && message !== null && "t" in message;
}
