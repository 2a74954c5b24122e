// What processes and the machine have used, from /proc: CPU seconds of a process and its descendants, peak resident memory, busy
// seconds of the whole machine. Linux only: elsewhere every figure is null.
import { readFileSync, readdirSync } from "node:fs";
import { loadavg } from "node:os";

/** USER_HZ, the unit of every time in /proc; 100 on all Linux ports that Node runs on. */
const TICKS_PER_SECOND = 100;

export function usageOf(pid) {
    const tree = processTree(pid);
    const seconds = tree.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND;
    const peaks = tree.map(({ id }) => kbOf(id, "VmHWM"));
    return {
        cpuS: tree.length > 0 ? seconds : null,
        peakRssMb: tree.length > 0 ? Math.max(...peaks) / 1024 : null,
    };
}

/** What a process and its descendants have in memory now. */
export function residentMb(pid) {
    return processTree(pid).reduce((sum, { id }) => sum + kbOf(id, "VmRSS"), 0) / 1024;
}

export function machineUsage() {
    return { busyS: busySeconds(), load: loadavg()[0] };
}

/** Processes by parent; `ticks` holds the ended children that were waited for, too. */
function processTree(pid) {
    const byParent = new Map();
    let root;
    for (const name of names()) {
        const fields = statOf(name);
        if (!fields) continue;
        // Fields from the third on: state, parent, ... utime, stime, cutime, cstime are 14 to 17 of the manual's numbering.
        const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
        const entry = { id: Number(name), ticks };
        const parent = Number(fields[1]);
        byParent.set(parent, [...(byParent.get(parent) ?? []), entry]);
        if (entry.id === pid) root = entry;
    }
    const tree = root ? [root] : [];
    for (const { id } of tree) tree.push(...(byParent.get(id) ?? []));
    return tree;
}

function names() {
    try {
        return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    } catch {
        return [];
    }
}

function statOf(id) {
    try {
        const stat = readFileSync(`/proc/${id}/stat`, "utf8");
        return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    } catch {
        return undefined; // It ended meanwhile.
    }
}

function kbOf(id, field) {
    try {
        const status = readFileSync(`/proc/${id}/status`, "utf8");
        return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
    } catch {
        return 0;
    }
}

/** User, nice, system and interrupts; idle, waiting and what other machines took are not ours. */
function busySeconds() {
    try {
        const fields = readFileSync("/proc/stat", "utf8").split("\n", 1)[0].trim().split(/\s+/);
        const [, user, nice, system, , , irq, softirq] = fields.map(Number);
        return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
    } catch {
        return null;
    }
}
