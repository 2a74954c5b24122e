// llama.cpp through our addon, for benchmarks that measure the loop itself. CPU only.
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { libraries } from "../../scripts/libraries.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

export function openAddon() {
    const addon = createRequire(import.meta.url)(join(root, "native", "build", "ingot.node"));
    addon.open(libraries);
    return addon;
}

/** Opens the addon and loads a model. */
export function loadModel(path) {
    return openAddon().loadModel({ path, gpuLayers: 0 }).done;
}
