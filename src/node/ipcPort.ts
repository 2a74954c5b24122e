/** The IPC link of a forked child as a channel port, seen from the parent and from the child. */

import type { ChildProcess } from "node:child_process";
import { AppError } from "../base/errors";
import type { Frame, Port } from "../protocol/channel";

/** The parent's end. It closes when `closed` settles, with that reason, so that the reason can be looked up first. */
export function parentPort(child: ChildProcess, closed: Promise<AppError>): Port {
    return {
        send(frame) {
            // The callback keeps a send to a dying child from becoming an 'error' event: the exit is reported once, with its reason.
            if (child.connected) child.send(frame, () => undefined);
        },
        onFrame: (listener) => void child.on("message", (message) => listener(message as Frame)),
        onClose: (listener) => void closed.then(listener),
        close() {
            if (child.connected) child.disconnect();
        },
    };
}

/** The child's end, or undefined when this process was not forked. */
export function childPort(): Port | undefined {
    if (!process.send) return undefined;
    return {
        send(frame) {
            if (process.connected) process.send?.(frame, undefined, undefined, () => undefined);
        },
        onFrame: (listener) => void process.on("message", (message) => listener(message as Frame)),
        onClose: (listener) =>
            void process.on("disconnect", () =>
                listener(new AppError("engine/gone", "The parent process is gone")),
            ),
        close() {
            if (process.connected) process.disconnect();
        },
    };
}
