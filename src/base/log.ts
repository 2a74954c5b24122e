/**
 * Structured logging: a constant message and fields apart. Sinks decide where lines go (output channel, stderr, a child's
 * "log" event). A ring keeps the last lines for `Ingot: Report`. Prompts and file contents are never logged here.
 */

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";
export type LogFields = Record<string, unknown>;

export interface LogEntry {
    level: LogLevel;
    topic: string;
    message: string;
    fields?: LogFields;
}

export interface Log {
    trace(message: string, fields?: LogFields): void;
    debug(message: string, fields?: LogFields): void;
    info(message: string, fields?: LogFields): void;
    warn(message: string, fields?: LogFields): void;
    error(message: string, fields?: LogFields): void;
    child(topic: string): Log;
}

export type LogSink = (entry: LogEntry) => void;

export function createLog(topic: string, sink: LogSink): Log {
    const at = (level: LogLevel) => (message: string, fields?: LogFields) =>
        sink(fields ? { level, topic, message, fields } : { level, topic, message });
    return {
        trace: at("trace"),
        debug: at("debug"),
        info: at("info"),
        warn: at("warn"),
        error: at("error"),
        child: (name) => createLog(`${topic}.${name}`, sink),
    };
}

export const silentLog: Log = createLog("silent", () => undefined);

/** `topic: message key=value key="two words"` */
export function formatEntry(entry: LogEntry): string {
    const fields = Object.entries(entry.fields ?? {})
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `${key}=${formatValue(value)}`);
    return [`${entry.topic}: ${redact(entry.message)}`, ...fields].join(" ");
}

function formatValue(value: unknown): string {
    if (typeof value === "number") return Number.isInteger(value) ? `${value}` : value.toFixed(1);
    const text = redact(typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined"));
    return /^[^\s"]+$/.test(text) ? text : JSON.stringify(text);
}

/** Hides access tokens, wherever they turn up. */
export function redact(text: string): string {
    return text.replace(/\bhf_[A-Za-z0-9]{6,}\b/g, "hf_***").replace(/(Bearer\s+)\S+/gi, "$1***");
}

/** Keeps the last `capacity` entries. */
export class LogRing {
    private readonly entries: LogEntry[] = [];
    constructor(private readonly capacity = 512) {}

    push(entry: LogEntry): void {
        this.entries.push(entry);
        if (this.entries.length > this.capacity) this.entries.shift();
    }

    list(): readonly LogEntry[] {
        return this.entries;
    }
}
