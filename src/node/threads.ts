/** How many threads compute. While somebody types one core stays with the editor: threads that wait for a core they do not get make a batch take seconds. */

import { readFileSync, readdirSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

const TOPOLOGY = "/sys/devices/system/cpu";

/** Physical cores minus one, at least 1, never more than this process may use minus one. */
export function decodeThreads(): number {
    return Math.max(1, Math.min(physicalCores(), availableParallelism()) - 1);
}

/** Cores without their hyper-threads. Where the system does not tell: all on ARM, half of the logical ones elsewhere. */
export function physicalCores(): number {
    const fromLinux = linuxCores();
    if (fromLinux > 0) return fromLinux;
    const nLogical = Math.max(1, cpus().length);
    if (process.arch === "arm64") return nLogical;
    return Math.max(1, nLogical >> 1);
}

function linuxCores(): number {
    try {
        const cores = readdirSync(TOPOLOGY)
            .filter((name) => /^cpu\d+$/.test(name))
            .map((name) => {
                const read = (file: string) =>
                    readFileSync(`${TOPOLOGY}/${name}/topology/${file}`, "utf8").trim();
                return `${read("physical_package_id")}:${read("core_id")}`;
            });
        return new Set(cores).size;
    } catch {
        return 0;
    }
}
