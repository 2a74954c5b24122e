// What support.ts exports, bundled into a folder when a bench starts.
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

export async function loadSupport(folder) {
    const outfile = join(folder, "support.mjs");
    await build({
        entryPoints: [join(here, "support.ts")],
        outfile,
        bundle: true,
        platform: "node",
        format: "esm",
        logLevel: "error",
        define: { __BUILD__: '"bench"' },
        banner: {
            js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
        },
    });
    process.env.INGOT_TEST_BUNDLES = join(here, "..", "..", "dist");
    return import(pathToFileURL(outfile).href);
}
