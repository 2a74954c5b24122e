/**
 * Whether this computer runs on its battery. VS Code has no API for it, so only Linux can be asked (`/sys/class/power_supply`); elsewhere, and on
 * a computer without a battery, the answer is no. Looked at once a minute, and only while somebody wants to know.
 */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Emitter, type Event } from "../base/event";
import type { Disposable } from "../base/lifecycle";

const SUPPLIES = "/sys/class/power_supply";
const EVERY_MS = 60_000;

/** Never rejects. A supply from outside that is online counts more than a battery that says it is used. */
export async function isOnBattery(folder = SUPPLIES): Promise<boolean> {
    const names = await readdir(folder).catch(() => []);
    const supplies = await Promise.all(
        names.map(async (name) => ({
            type: await read(join(folder, name, "type")),
            online: await read(join(folder, name, "online")),
            status: await read(join(folder, name, "status")),
            scope: await read(join(folder, name, "scope")),
        })),
    );
    const isPlugged = supplies.some(({ type, online }) => type !== "Battery" && online === "1");
    // A mouse has a battery as well; its scope is `Device`.
    const isUsed = supplies.some(
        ({ type, status, scope }) =>
            type === "Battery" && status === "Discharging" && scope !== "Device",
    );
    return isUsed && !isPlugged;
}

async function read(path: string): Promise<string> {
    return (await readFile(path, "utf8").catch(() => "")).trim();
}

export class Battery implements Disposable {
    private readonly changed = new Emitter<void>();
    readonly onDidChange: Event<void> = this.changed.event;
    private timer: NodeJS.Timeout | undefined;
    private isUsed = false;

    constructor(private readonly look: () => Promise<boolean> = isOnBattery) {}

    get inUse(): boolean {
        return this.isUsed;
    }

    /** Begins or ends to look. */
    watch(isWanted: boolean): void {
        if (isWanted === (this.timer !== undefined)) return;
        clearInterval(this.timer);
        this.timer = undefined;
        if (!isWanted) return this.set(false);
        this.timer = setInterval(() => this.update(), EVERY_MS);
        this.timer.unref();
        this.update();
    }

    dispose(): void {
        clearInterval(this.timer);
        this.timer = undefined;
        this.changed.dispose();
    }

    private update(): void {
        void this.look().then((isUsed) => {
            if (this.timer !== undefined) this.set(isUsed);
        });
    }

    private set(isUsed: boolean): void {
        if (isUsed === this.isUsed) return;
        this.isUsed = isUsed;
        this.changed.fire();
    }
}
