/** Whether a process id is that of a process that still runs, told without a signal. Another program may have the id by now. */

import { readFileSync } from "node:fs";

export function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
    try {
        // Dead, and not yet noticed by its parent. Told by Linux only.
        const text = readFileSync(`/proc/${pid}/stat`, "utf8");
        return !/^ Z/.test(text.slice(text.lastIndexOf(")") + 1));
    } catch {
        return true;
    }
}
