/**
 * The files of one folder of this computer that work reads: what they were when it began, which of them it opened, and whether these are
 * still the same at the end. Reads nothing itself.
 */

import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../base/errors";

export class LocalFiles {
    readonly sizes = new Map<string, number>();
    private readonly states = new Map<string, string>();
    private readonly opened = new Set<string>();

    constructor(private readonly folder: string) {}

    add(name: string, info: Stats): void {
        this.sizes.set(name, info.size);
        this.states.set(name, stateOf(info));
    }

    /** Equal only while the files are. Results of conversions may lie among them, and come and go. */
    get identity(): string {
        const lines = [...this.states].filter(([name]) => !isResult(name));
        return [this.folder, ...lines.map((line) => line.join(" ")).sort()].join("\n");
    }

    /** Absolute path of a file that is read from now on. */
    pathToOpen(name: string): string {
        this.opened.add(name);
        return join(this.folder, name);
    }

    /** Absolute paths of what was opened. */
    paths(): string[] {
        return [...this.opened].map((name) => join(this.folder, name));
    }

    /** Throws AppError `data/checkpoint` when a file that was read is not what it was. */
    async verify(): Promise<string[]> {
        for (const name of this.opened) {
            const info = await stat(join(this.folder, name)).catch(() => undefined);
            if (info && stateOf(info) === this.states.get(name)) continue;
            throw new AppError(
                "data/checkpoint",
                `${name} of ${this.folder} changed while it was read; start again when nothing writes it`,
            );
        }
        return [];
    }
}

function stateOf({ size, mtimeMs }: Stats): string {
    return `${size} ${mtimeMs}`;
}

function isResult(name: string): boolean {
    return /\.gguf$|\.\d+\.(part|journal)$/i.test(name);
}
