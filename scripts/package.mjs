// `npm run package`: builds everything and writes one vsix for this platform into the project folder. What goes in is
// .vscodeignore's business; this file adds the platform's libraries, and proves that the package is complete and clean.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withoutNotice } from "./notices/notices.mjs";
import { unpackVsix } from "./vscode/unpack.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** VS Code's target names, and node-llama-cpp's packages that work there and are small enough to ship. */
/** @type {Record<string, string[]>} */
const LIBRARIES = {
    "linux-x64": ["linux-x64", "linux-x64-vulkan"],
    "linux-arm64": ["linux-arm64"],
    "darwin-x64": ["mac-x64"],
    "darwin-arm64": ["mac-arm64-metal"],
    "win32-x64": ["win-x64", "win-x64-vulkan"],
    "win32-arm64": ["win-arm64"],
};

const REQUIRED = [
    "package.json",
    "LICENSE.txt",
    "dist/ingot.node",
    "dist/THIRD-PARTY-NOTICES.txt",
    "dist/syntax/LICENSE",
    "dist/syntax/tree-sitter.js",
    "dist/syntax/tree-sitter.wasm",
    "dist/syntax/tree-sitter-typescript.wasm",
    "models/starter/starter-q8_0.gguf",
    "models/starter/README.md",
    "models/starter/corpus-licenses.tsv",
];
const FORBIDDEN =
    /\.(ts|mts|cts|map|safetensors|bundle|cpp|h)$|^(src|test|native|scripts|sample)\//;

/**
 * Packages what is built now.
 * @returns {{ vsix: string, sizeBytes: number, nFiles: number }}
 */
export function packageVsix() {
    const target = `${process.platform}-${process.arch}`;
    const libraries = LIBRARIES[target];
    if (!libraries) throw new Error(`node-llama-cpp has no libraries for ${target}`);
    const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const vsix = join(root, `${name}-${target}-${version}.vsix`);

    const ignoreFile = join(root, ".cache", "vscodeignore");
    mkdirSync(join(root, ".cache"), { recursive: true });
    const allowed = libraries.map(
        (library) =>
            `!node_modules/@node-llama-cpp/${library}/{bins/**,dist/*.js,LICENSE,package.json}`,
    );
    const rules = readFileSync(join(root, ".vscodeignore"), "utf8");
    writeFileSync(ignoreFile, `${rules}\n${allowed.join("\n")}\n`);

    const vsce = join(root, "node_modules", "@vscode", "vsce", "vsce");
    run(vsce, ["package", "--target", target, "--out", vsix, "--ignoreFile", ignoreFile]);
    const nFiles = verify(vsix);
    return { vsix, sizeBytes: statSync(vsix).size, nFiles };
}

/** @param {string} script @param {string[]} args */
function run(script, args) {
    const flags = ["--allow-missing-repository", "--no-rewrite-relative-links"];
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args, ...flags], {
        cwd: root,
        encoding: "utf8",
    });
    if (status !== 0) throw new Error(`vsce failed:\n${stdout}${stderr}`);
}

/** What the build has made; parts of the extension have names that change. @returns {string[]} */
function bundles() {
    return Object.keys(JSON.parse(readFileSync(join(root, "dist", "sizes.json"), "utf8")).files);
}

/** Unpacks outside of the tree, where no other node_modules can fill a gap, and imports node-llama-cpp there. */
/** @param {string} vsix @returns {number} */
function verify(vsix) {
    const folder = mkdtempSync(join(tmpdir(), "ingot-vsix-"));
    try {
        const files = unpackVsix(vsix, folder);
        const missing = [...REQUIRED, ...bundles()].filter((file) => !files.includes(file));
        if (missing.length > 0) throw new Error(`the vsix lacks ${missing.join(", ")}`);
        const stray = files.filter((file) => FORBIDDEN.test(file));
        if (stray.length > 0) throw new Error(`the vsix must not hold ${stray.join(", ")}`);
        const notices = join(folder, "extension", "dist", "THIRD-PARTY-NOTICES.txt");
        const unnamed = withoutNotice(files, readFileSync(notices, "utf8"));
        if (unnamed.length > 0)
            throw new Error(`the vsix holds no licence of ${unnamed.join(", ")}`);
        const { status, stderr } = spawnSync(
            process.execPath,
            ["--input-type=module", "-e", 'await import("node-llama-cpp")'],
            { cwd: join(folder, "extension"), encoding: "utf8" },
        );
        if (status !== 0)
            throw new Error(
                `node-llama-cpp does not load from the vsix (.vscodeignore):\n${stderr}`,
            );
        return files.length;
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    try {
        if (!process.argv.includes("--no-build")) {
            const { status } = spawnSync(process.execPath, ["esbuild.js"], {
                cwd: root,
                stdio: "inherit",
            });
            if (status !== 0) throw new Error("the build failed");
        }
        const { vsix, sizeBytes, nFiles } = packageVsix();
        console.log(`${vsix}\n${(sizeBytes / 1e6).toFixed(1)} MB, ${nFiles} files`);
    } catch (error) {
        console.error(error instanceof Error ? error.message : String(error));
        process.exitCode = 1;
    }
}
