// Builds every bundle into dist/ and fails when one outgrows its budget.
// Only the extension bundle may import vscode: anywhere else the build stops and names the file.
const { createHash } = require("node:crypto");
const {
    cpSync,
    mkdirSync,
    readFileSync,
    readdirSync,
    rmSync,
    statSync,
    writeFileSync,
} = require("node:fs");
const { join } = require("node:path");
const esbuild = require("esbuild");

const watch = process.argv.includes("--watch");
const minify = !watch;
const KB = 1000;

/** The build hash both ends of a channel must agree on: over all sources. */
function buildHash() {
    const hash = createHash("sha256");
    const walk = (dir) => {
        for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) =>
            a.name < b.name ? -1 : 1,
        )) {
            const path = join(dir, entry.name);
            if (entry.isDirectory()) walk(path);
            else hash.update(path).update(readFileSync(path));
        }
    };
    walk(join(__dirname, "src"));
    return hash.digest("hex").slice(0, 16);
}

const common = {
    bundle: true,
    minify,
    sourcemap: watch,
    metafile: true,
    logLevel: "warning",
    define: { __BUILD__: JSON.stringify(buildHash()) },
    legalComments: "none",
};
const node = {
    ...common,
    platform: "node",
    target: "node20",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    // Bundled CommonJS packages call require for node built-ins.
    banner: {
        js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
};
const bundles = [
    {
        ...common,
        platform: "node",
        target: "node20",
        format: "cjs",
        entryPoints: { extension: "src/extension.ts" },
        external: ["vscode"],
        budget: 500 * KB,
    },
    { ...node, entryPoints: { engine: "src/engine/main.ts" }, budget: 1000 * KB },
    {
        ...node,
        entryPoints: { probe: "src/engine/probe.ts" },
        external: ["node-llama-cpp"],
        budget: 200 * KB,
    },
    { ...node, entryPoints: { worker: "src/worker/main.ts" }, budget: 1500 * KB },
    { ...node, entryPoints: { indexer: "src/indexer/main.ts" }, budget: 200 * KB },
    { ...node, entryPoints: { cli: "src/cli/main.ts" }, budget: 500 * KB },
    {
        ...common,
        platform: "browser",
        target: "chrome120",
        format: "iife",
        entryPoints: { chat: "src/webview/chat.ts" },
        budget: 400 * KB,
    },
];

/** tree-sitter and the grammars that src/syntax/languages.ts names, which are loaded from their files when needed. Returns their names. */
function copyGrammars() {
    const from = join("node_modules", "@vscode", "tree-sitter-wasm");
    const source = readFileSync(join("src", "syntax", "languages.ts"), "utf8");
    const table = /GRAMMARS[^{]*\{([^}]*)\}/.exec(source)?.[1] ?? "";
    const grammars = new Set([...table.matchAll(/: "([\w-]+)"/g)].map(([, name]) => name));
    if (grammars.size === 0) throw new Error("src/syntax/languages.ts names no grammars");
    cpSync(join(from, "LICENSE"), "dist/syntax/LICENSE");
    const wasm = [...grammars].map((name) => `tree-sitter-${name}.wasm`);
    for (const file of ["tree-sitter.js", "tree-sitter.wasm", ...wasm])
        cpSync(join(from, "wasm", file), join("dist", "syntax", file));
    return [...grammars];
}

/** Of which files are copied, or compiled into the addon. */
const COPIED = [
    "@vscode/codicons",
    "@vscode/tree-sitter-wasm",
    "node-addon-api",
    "node-api-headers",
];

async function main() {
    rmSync("dist", { recursive: true, force: true });
    mkdirSync("dist", { recursive: true });
    const sizes = {};
    const metafiles = [];
    let failed = false;
    for (const { budget, ...options } of bundles) {
        const settings = { ...options, outdir: "dist" };
        if (watch) {
            await (await esbuild.context(settings)).watch();
            continue;
        }
        const result = await esbuild.build(settings);
        metafiles.push(result.metafile);
        for (const [path, output] of Object.entries(result.metafile.outputs)) {
            if (path.endsWith(".map")) continue;
            sizes[path] = output.bytes;
            const over = output.bytes > budget;
            failed ||= over;
            console.log(
                `${path.padEnd(24)} ${(output.bytes / KB).toFixed(0).padStart(6)} kB${over ? `  over its budget of ${budget / KB} kB` : ""}`,
            );
        }
    }
    cpSync("node_modules/@vscode/codicons/dist/codicon.css", "dist/codicon.css");
    cpSync("node_modules/@vscode/codicons/dist/codicon.ttf", "dist/codicon.ttf");
    const grammars = copyGrammars();
    const copied = COPIED.map((name) => join("node_modules", name));
    const { writeNotices } = await import("./scripts/notices/notices.mjs");
    writeNotices(join("dist", "THIRD-PARTY-NOTICES.txt"), { metafiles, copied, grammars });
    if (statSync("native/build/ingot.node", { throwIfNoEntry: false }))
        cpSync("native/build/ingot.node", "dist/ingot.node");
    writeFileSync("dist/sizes.json", JSON.stringify(sizes));
    if (failed) process.exit(1);
}

main().catch((error) => {
    console.error(error.message);
    process.exit(1);
});
