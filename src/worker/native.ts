/** The native addon of this process, opened at first use. */

import { AppError } from "../base/errors";
import { ABORT_FILE_VARIABLE } from "../node/child";
import { loadNative, platformBins, type NativeAddon } from "../node/native";

let opened: NativeAddon | undefined;

/** On the CPU, which is enough on every machine for what a worker computes. */
export function openNative(): NativeAddon {
    if (opened) return opened;
    const dir = ["", "vulkan", "cuda", "metal"]
        .map(platformBins)
        .find((path) => path !== undefined);
    if (dir === undefined)
        throw new AppError(
            "env/binary",
            `Ingot has no llama.cpp libraries for ${process.platform} ${process.arch}; install the version for this system`,
        );
    const addon = loadNative();
    addon.open({ dir, variant: "", abortFile: process.env[ABORT_FILE_VARIABLE] });
    opened = addon;
    return addon;
}
