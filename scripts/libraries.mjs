// Where the llama.cpp libraries that Ingot opens on this computer lie: node-llama-cpp's prebuilt ones, CPU (on Apple silicon Metal).
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const system = { darwin: "mac", win32: "win" }[process.platform] ?? process.platform;
const isMetal = system === "mac" && process.arch === "arm64";
const name = `${system}-${process.arch}${isMetal ? "-metal" : ""}`;
const root = fileURLToPath(new URL("..", import.meta.url));

/** `variant`: as the addon's `open` takes it. */
export const libraries = {
    dir: join(root, "node_modules", "@node-llama-cpp", name, "bins", name),
    variant: isMetal ? "metal" : "",
};
