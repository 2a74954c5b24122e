// What the window loads at once of the extension's bundle, told from esbuild's account of it: which files of `dist/`, and which modules that
// are to be loaded at first use have got into them. Called by esbuild.js, which fails then.

import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";

/** @typedef {import("esbuild").Metafile} Metafile */

const PARTS = "src/host/parts/";
/** Folders and files that are loaded at first use (docs/architecture.md, "The start"). */
const LATER = [
    PARTS,
    "src/host/assist.ts",
    "src/host/windowCommands.ts",
    "src/host/agent/",
    "src/host/chat/",
    "src/host/codebase/",
    "src/host/commit/",
    "src/host/debug/",
    "src/host/edit/",
    "src/host/lab/",
    "src/host/gguf/",
    "src/host/models/",
    "src/host/participant/",
    "src/host/publish/",
    "src/host/slash/",
    "src/host/tools/",
    "src/compare/",
    "src/edit/",
    "src/gguf/",
    "src/prompt/commit/",
    "src/prompt/slash/",
    "src/library/library.ts",
    "node_modules/diff/",
];
/** What of them is needed from the start. */
const NOW = new Set([
    "src/host/agent/choice.ts",
    "src/host/chat/attach/plainOutput.ts",
    "src/host/chat/attach/terminalLog.ts",
    "src/host/debug/documents.ts",
    "src/host/debug/outcomes.ts",
    "src/host/models/advice.ts",
    "src/host/models/pendingJob.ts",
    "src/host/models/serving.ts",
    "src/host/models/tree.ts",
    "src/host/slash/actions.ts",
    "src/host/slash/codeActions.ts",
    "src/host/slash/symbolAround.ts",
]);

/**
 * The output itself and what it imports before it runs, not what it imports by `import()`.
 * @param {Metafile} metafile @param {string} entry Path of an output. @returns {string[]}
 */
export function loadedWith(metafile, entry) {
    const found = new Set([entry]);
    for (const path of found)
        for (const { path: imported, kind, external } of metafile.outputs[path]?.imports ?? [])
            if (kind === "import-statement" && !external) found.add(imported);
    return [...found];
}

/**
 * Modules in these outputs that are to be loaded at first use.
 * @param {Metafile} metafile @param {readonly string[]} outputs @returns {string[]}
 */
export function creptIn(metafile, outputs) {
    const modules = outputs.flatMap((path) =>
        Object.entries(metafile.outputs[path]?.inputs ?? {})
            .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
            .map(([name]) => name),
    );
    const isLater = (/** @type {string} */ name) =>
        LATER.some((start) => name.startsWith(start)) && !NOW.has(name);
    return [...new Set(modules)].filter(isLater).sort();
}

/**
 * A part stands on the whole start. esbuild makes a file of its own for what several entries share, one for each set of them: if every
 * part says that it needs everything of the start, all of the start is in one.
 * @type {import("esbuild").Plugin}
 */
export const partsOnStart = {
    name: "parts-on-start",
    setup({ initialOptions, onResolve, onLoad }) {
        const isPart = new Set(
            Object.values(initialOptions.entryPoints ?? {}).filter((path) => path.includes(PARTS)),
        );
        onResolve({ filter: /\/parts\/\w+(\.ts)?$/ }, ({ kind, path }) => {
            const part = `${PARTS}${basename(path, ".ts")}.ts`;
            const isLoadedLater = kind === "entry-point" || kind === "dynamic-import";
            return isLoadedLater && isPart.has(part) ? { path: part, namespace: "part" } : null;
        });
        onLoad({ filter: /./, namespace: "part" }, ({ path }) => ({
            contents: `import "./src/extension.ts"; export * from "./${path}";`,
            resolveDir: process.cwd(),
        }));
    },
};

/**
 * esbuild splits only modules of the new kind, VS Code's host loads the old one: every file is written as that, `import()` as a `require`
 * that runs when it is called.
 * @type {import("esbuild").Plugin}
 */
export const writeCommonJs = {
    name: "write-commonjs",
    setup({ esbuild, initialOptions, onEnd }) {
        const { minify, target, sourcemap } = initialOptions;
        initialOptions.write = false;
        onEnd(async ({ outputFiles = [] }) => {
            for (const { path, text } of outputFiles) {
                const { code } = await esbuild.transform(text, {
                    format: "cjs",
                    platform: "node",
                    supported: { "dynamic-import": false },
                    minify,
                    target,
                    sourcemap,
                });
                mkdirSync(dirname(path), { recursive: true });
                writeFileSync(path, code);
            }
        });
    },
};
