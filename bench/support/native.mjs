// llama.cpp through our addon, for benchmarks that measure the loop itself. CPU only.
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export function openAddon() {
    const system = { darwin: "mac", win32: "win" }[process.platform] ?? process.platform;
    const metal = system === "mac" && process.arch === "arm64";
    const name = `${system}-${process.arch}${metal ? "-metal" : ""}`;
    const addon = createRequire(import.meta.url)(join(root, "native", "build", "ingot.node"));
    addon.open({
        dir: join(root, "node_modules", "@node-llama-cpp", name, "bins", name),
        variant: metal ? "metal" : "",
    });
    return addon;
}

/** Opens the addon and loads a model. */
export function loadModel(path) {
    return openAddon().loadModel({ path, gpuLayers: 0 }).done;
}
