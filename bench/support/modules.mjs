// Modules of src/ for a bench that measures them without their process: bundled as they are, loaded as one module.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Everything that the modules at `paths` below src/ (no extension) export. */
export async function loadModules(paths) {
    const { outputFiles } = await build({
        stdin: {
            contents: paths.map((path) => `export * from "./src/${path}";`).join("\n"),
            resolveDir: root,
        },
        bundle: true,
        write: false,
        platform: "node",
        format: "esm",
    });
    const code = Buffer.from(outputFiles[0].contents).toString("base64");
    return import(`data:text/javascript;base64,${code}`);
}
