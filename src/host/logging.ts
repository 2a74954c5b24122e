/**
 * The output channel behind Log, and the ring of the last lines for the report. Prompts and file contents never come here.
 */

import { window, type LogOutputChannel } from "vscode";
import { createLog, formatEntry, LogRing, type Log, type LogEntry } from "../base/log";
import type { Disposable } from "../base/lifecycle";

export class Logging implements Disposable {
    readonly ring = new LogRing();
    readonly log: Log;
    private readonly channel: LogOutputChannel;

    constructor() {
        this.channel = window.createOutputChannel("Ingot", { log: true });
        this.log = createLog("host", (entry) => this.write(entry));
    }

    /** Also takes lines of the children, which arrive as events. The ring is for the report: llama.cpp's talk would fill it. */
    write(entry: LogEntry): void {
        if (entry.level !== "trace" && entry.level !== "debug") this.ring.push(entry);
        this.channel[entry.level](formatEntry(entry));
    }

    show(): void {
        this.channel.show(true);
    }

    dispose(): void {
        this.channel.dispose();
    }
}
