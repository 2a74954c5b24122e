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
/** Split into what the window loads at once and the parts that are loaded at first use; a budget for each of the two. */
const extension = {
    ...common,
    platform: "node",
    target: "node20",
    format: "esm",
    splitting: true,
    sourcemap: watch && "inline",
    // The parts are named as well, so that their files have names of their own.
    entryPoints: {
        extension: "src/extension.ts",
        assistant: "src/host/parts/assistant.ts",
        library: "src/host/parts/library.ts",
        help: "src/host/parts/help.ts",
    },
    chunkNames: "shared-[hash]",
    external: ["vscode"],
    startBudget: 200 * KB,
    laterBudget: 402 * KB,
};
const bundles = [
    { ...node, entryPoints: { engine: "src/engine/main.ts" }, budget: 1000 * KB },
    {
        ...node,
        entryPoints: { probe: "src/engine/probe.ts" },
        external: ["node-llama-cpp"],
        budget: 200 * KB,
    },
    {
        ...node,
        entryPoints: { worker: "src/worker/main.ts" },
        // A job loads its own part.
        splitting: true,
        chunkNames: "worker-[name]-[hash]",
        startBudget: 20 * KB,
        budget: 1500 * KB,
    },
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
    {
        ...common,
        platform: "browser",
        target: "chrome120",
        format: "iife",
        entryPoints: { compare: "src/webview/compare/main.ts" },
        budget: 60 * KB,
    },
    {
        ...common,
        platform: "browser",
        target: "chrome120",
        format: "iife",
        entryPoints: { gguf: "src/webview/gguf/main.ts" },
        budget: 80 * KB,
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

/** @typedef {Record<string, number>} Sizes Path -> bytes. */

/** Prints sizes and says whether a sum is over its budget. @param {Sizes} sizes @param {number} budget Bytes. */
function isOver(sizes, budget) {
    for (const [path, bytes] of Object.entries(sizes)) print(path, bytes);
    const bytes = Object.values(sizes).reduce((sum, one) => sum + one, 0);
    if (bytes > budget)
        print(Object.keys(sizes).join(" + "), bytes, `over the budget of ${budget / KB} kB`);
    return bytes > budget;
}

/** @param {string} what @param {number} bytes */
function print(what, bytes, note = "") {
    console.log(`${what.padEnd(24)} ${(bytes / KB).toFixed(0).padStart(6)} kB  ${note}`.trimEnd());
}

/** @param {readonly string[]} paths @returns {Sizes} As written. */
function sizesOf(paths) {
    return Object.fromEntries(paths.map((path) => [path, statSync(path).size]));
}

/** The extension's files by when they are loaded; fails when a part got into the start. */
async function buildExtension({ startBudget, laterBudget, ...options }) {
    const { creptIn, loadedWith, partsOnStart, writeCommonJs } =
        await import("./scripts/bundles/start.mjs");
    const settings = { ...options, outdir: "dist", plugins: [partsOnStart, writeCommonJs] };
    if (watch) return void (await (await esbuild.context(settings)).watch());
    const { metafile } = await esbuild.build(settings);
    const first = loadedWith(metafile, "dist/extension.js");
    const modules = creptIn(metafile, first);
    for (const name of modules)
        console.error(
            `${name} is loaded with the window: import it from src/host/parts/, or say in scripts/bundles/start.mjs that the start needs it`,
        );
    const start = sizesOf(first);
    const later = sizesOf(Object.keys(metafile.outputs).filter((path) => !first.includes(path)));
    const failed = [isOver(start, startBudget), isOver(later, laterBudget), modules.length > 0];
    return { metafile, start, later, failed: failed.includes(true) };
}

async function main() {
    rmSync("dist", { recursive: true, force: true });
    mkdirSync("dist", { recursive: true });
    const built = await buildExtension(extension);
    const sizes = { ...built?.start, ...built?.later };
    const metafiles = built ? [built.metafile] : [];
    let failed = built?.failed ?? false;
    const { loadedWith } = await import("./scripts/bundles/start.mjs");
    for (const { budget, startBudget, ...options } of bundles) {
        const settings = { ...options, outdir: "dist" };
        if (watch) {
            await (await esbuild.context(settings)).watch();
            continue;
        }
        const { metafile } = await esbuild.build(settings);
        metafiles.push(metafile);
        const own = sizesOf(Object.keys(metafile.outputs));
        if (isOver(own, budget)) failed = true;
        if (startBudget !== undefined) {
            const [entry] = Object.keys(settings.entryPoints);
            const first = loadedWith(metafile, `dist/${entry}.mjs`);
            if (isOver(sizesOf(first), startBudget)) failed = true;
        }
        Object.assign(sizes, own);
    }
    cpSync("node_modules/@vscode/codicons/dist/codicon.css", "dist/codicon.css");
    cpSync("node_modules/@vscode/codicons/dist/codicon.ttf", "dist/codicon.ttf");
    const grammars = copyGrammars();
    const copied = COPIED.map((name) => join("node_modules", name));
    const { writeNotices } = await import("./scripts/notices/notices.mjs");
    writeNotices(join("dist", "THIRD-PARTY-NOTICES.txt"), { metafiles, copied, grammars });
    if (statSync("native/build/ingot.node", { throwIfNoEntry: false }))
        cpSync("native/build/ingot.node", "dist/ingot.node");
    writeFileSync(
        "dist/sizes.json",
        JSON.stringify({ files: sizes, start: Object.keys(built?.start ?? {}) }),
    );
    if (failed) process.exit(1);
}

main().catch((error) => {
    console.error(error.message);
    process.exit(1);
});
