/**
 * Which libraries this computer can run, found out once: the probe's verdict in a small file, valid for one addon, one version of the
 * libraries and one set of GPU device files. A file that cannot be read or understood counts as absent.
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { readJsonFile, writeJsonFile } from "../node/jsonFile";
import type { NativeDevice } from "../node/native";
import type { Variant } from "./probeProtocol";

export interface Verdict {
    key: string;
    variant: Variant;
    release: string;
    devices: NativeDevice[];
    /** Why it is not the GPU that was hoped for. */
    note?: string | undefined;
}

/** Changes whenever the verdict might. */
export function verdictKey(addonFile: string | undefined, librariesVersion: string): string {
    const hash = createHash("sha256").update(addonFile ? readFileSync(addonFile) : "");
    const gpuFiles = ["/dev/dri", "/dev/nvidiactl", "/dev/kfd", "/dev/dxg"].filter(existsSync);
    const drivers = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "GGML_VK_VISIBLE_DEVICES"].map(
        (name) => process.env[name] ?? "",
    );
    hash.update([librariesVersion, process.platform, process.arch, ...gpuFiles, ...drivers].join());
    return hash.digest("hex");
}

export function readVerdict(path: string, key: string): Verdict | undefined {
    const value = readJsonFile(path) as Partial<Verdict> | null | undefined;
    if (value?.key !== key || !isVariant(value.variant) || !Array.isArray(value.devices))
        return undefined;
    return {
        ...value,
        key,
        variant: value.variant,
        release: String(value.release),
        devices: value.devices,
    };
}

/** Best effort: without the file the next start probes again. */
export function writeVerdict(path: string, verdict: Verdict): void {
    writeJsonFile(path, verdict);
}

function isVariant(value: unknown): value is Variant {
    return value === "" || value === "vulkan" || value === "cuda" || value === "metal";
}
