/** Numbers as people read them (rules: sizes in GB with one decimal, rates in MB/s, times in words). Pure. */

/** Decimal units: `1.1 GB`, `640 MB`, `12 KB`, `90 bytes`. */
export function formatBytes(bytes: number): string {
    if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
    if (bytes >= 1e6) return `${formatSmall(bytes / 1e6)} MB`;
    if (bytes >= 1e3) return `${Math.round(bytes / 1e3)} KB`;
    return `${Math.round(bytes)} bytes`;
}

function formatSmall(value: number): string {
    return value < 10 ? value.toFixed(1) : `${Math.round(value)}`;
}

/** `43 MB/s` from bytes per second. */
export function formatRate(bytesPerSecond: number): string {
    return `${formatBytes(bytesPerSecond)}/s`;
}

/** `about 3 min`, `about 40 s`, `less than 5 s`, `about 2 h`. */
export function formatDuration(seconds: number): string {
    if (seconds < 5) return "less than 5 s";
    if (seconds < 90) return `about ${Math.round(seconds / 5) * 5} s`;
    if (seconds < 5400) return `about ${Math.round(seconds / 60)} min`;
    return `about ${Math.round(seconds / 3600)} h`;
}

/** What was measured: `3.2 ms`, `451 ms`, `7.7 s`. */
export function formatMs(ms: number): string {
    if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
    if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
    return `${(ms / 1000).toFixed(1)} s`;
}

/** Parameter counts as the field writes them: `0.5B`, `7B`, `135M`. */
export function formatParameters(count: number): string {
    if (count >= 1e9) {
        const billions = count / 1e9;
        return `${billions < 10 ? Number(billions.toFixed(1)) : Math.round(billions)}B`;
    }
    if (count >= 1e6) {
        const millions = count / 1e6;
        return `${millions < 10 ? Number(millions.toFixed(1)) : Math.round(millions)}M`;
    }
    return `${Math.round(count / 1e3)}K`;
}
