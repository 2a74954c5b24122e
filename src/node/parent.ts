/**
 * A child's life with its parent: the channel over IPC, and a sure end when the parent is gone, even when this process is busy
 * inside native code and sees no events. Used by engine, probe and worker.
 */

import { Worker } from "node:worker_threads";
import { AppError } from "../base/errors";
import { Channel, type ChannelOptions, type Side } from "../protocol/channel";
import { childPort } from "./ipcPort";

/**
 * Runs in a thread of its own: a thread that is busy in native code cannot look. On Windows the parent's id never changes, there
 * the signal 0 test tells.
 */
const WATCHDOG = `
const { workerData } = require("node:worker_threads");
setInterval(() => {
    let alive = process.ppid === workerData.ppid;
    if (alive) try { process.kill(workerData.ppid, 0); } catch (error) { alive = error.code === "EPERM"; }
    if (!alive) process.kill(process.pid, "SIGKILL");
}, 500);
`;

export interface ParentOptions<Mine extends Side> extends ChannelOptions<Mine> {
    /** Runs when the parent is gone or has let go; the process ends afterwards. At most one second. */
    onGone?: () => Promise<void>;
}

/** Connects to the parent. Throws AppError `user/usage` when this process was not forked by one. */
export function connectParent<Mine extends Side, Theirs extends Side>(
    options: ParentOptions<Mine>,
): Channel<Mine, Theirs> {
    const port = childPort();
    if (!port)
        throw new AppError(
            "user/usage",
            "This program is a part of Ingot and is started by it; run the command ingot instead",
        );
    // Ctrl+C in a terminal, and closing it, reach the whole process group; what they mean is for the parent to say.
    for (const name of ["SIGINT", "SIGHUP"] as const) process.on(name, () => undefined);
    // SIGTERM may be meant for the group too, so the parent has a second to say what becomes of the work.
    process.once("SIGTERM", () => setTimeout(() => void end(options.onGone, "SIGTERM"), 1000));
    const watchdog = new Worker(WATCHDOG, { eval: true, workerData: { ppid: process.ppid } });
    watchdog.unref();
    port.onClose(() => void end(options.onGone));
    return new Channel<Mine, Theirs>(port, options);
}

/** By `signal`, so that the parent sees what it was. */
async function end(
    onGone: (() => Promise<void>) | undefined,
    signal: NodeJS.Signals = "SIGKILL",
): Promise<void> {
    // The handler was for one time: the signal itself ends the process now.
    const kill = () => process.kill(process.pid, signal);
    setTimeout(kill, 1000);
    try {
        await onGone?.();
    } finally {
        // Not process.exit: native threads may be in the middle of a batch, and exit handlers would pull memory from under them.
        kill();
    }
}
