// The notices of everything in the package that others wrote: npm packages by what esbuild has put into the bundles, files that
// the build copies, llama.cpp by the source bundle of the release. Called by esbuild.js; what has no licence text stops the build.
import { spawnSync } from "node:child_process";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const LICENCE_FILE = /^((un)?licen[cs]e|copying|notice)(?!.*\.[cm]?[jt]s$)/i;
const RULE = "=".repeat(80);

/** Under the MIT licence without a file that says so, read from the project's own repository: mit.json. */
/** @type {Record<string, { repository: string, copyright: string[] }>} */
const MIT = JSON.parse(readFileSync(join(here, "mit.json"), "utf8"));
/** What others wrote inside of a package that does not say so. @type {Record<string, string[]>} */
const INSIDE = { undici: ["llhttp"], "@vscode/tree-sitter-wasm": ["tree-sitter"] };
/** Packages that go into the vsix as they are, and bring no licence file. */
const SHIPPED = ["simple-git", "@simple-git/argv-parser"];
/** Of llama.cpp's repository: its own, and those of what is compiled into the libraries. */
const LLAMA_FILES = ["LICENSE", "licenses/LICENSE-jsonhpp", "vendor/cpp-httplib/LICENSE"];

/** @typedef {{ name: string, about: string, text: string }} Notice `about`: version, licence, address, as far as known. */

/**
 * Folders of the npm packages that are in the bundles with at least one byte.
 * @param {import("esbuild").Metafile[]} metafiles @returns {string[]}
 */
export function bundledFolders(metafiles) {
    const folders = new Set();
    for (const { outputs } of metafiles)
        for (const [path, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) =>
            Object.entries(inputs),
        )) {
            const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
            if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
        }
    return [...folders].sort();
}

/**
 * Of a package and of what it holds. Throws when nothing says under which terms it may be passed on.
 * @param {string} folder @returns {Notice[]}
 */
export function packageNotices(folder) {
    const { name, version, license } = JSON.parse(
        readFileSync(join(folder, "package.json"), "utf8"),
    );
    const inside = (INSIDE[name] ?? []).map(mitNotice);
    const files = licenceFiles(folder);
    if (files.length === 0) return [mitNotice(name), ...inside];
    const text = files.map((file) => readFileSync(file, "utf8").trim()).join("\n\n");
    return [{ name, about: `${version}, ${license}`, text }, ...inside];
}

/** Also those of code that a package has copied. @param {string} folder @returns {string[]} */
function licenceFiles(folder) {
    const entries = readdirSync(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name));
    const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== "node_modules");
    return [
        ...files.map(({ name }) => join(folder, name)),
        ...folders.flatMap(({ name }) => licenceFiles(join(folder, name))),
    ].sort();
}

/** @param {string} name @returns {Notice} */
export function mitNotice(name) {
    const known = MIT[name];
    if (!known)
        throw new Error(
            `${name} brings no licence file: add its copyright to scripts/notices/mit.json if it is under the MIT licence`,
        );
    const terms = readFileSync(join(here, "mit.txt"), "utf8").trim();
    const text = `The MIT License (MIT)\n\n${known.copyright.join("\n")}\n\n${terms}`;
    return { name, about: `MIT, ${known.repository}`, text };
}

/** Of the release whose libraries and headers are used; its texts are kept in .cache. @returns {Notice} */
function llamaNotice() {
    const llama = join(root, "node_modules", "node-llama-cpp", "llama");
    const { release } = JSON.parse(readFileSync(join(llama, "binariesGithubRelease.json"), "utf8"));
    const file = join(root, ".cache", "notices", `llama.cpp-${release}.txt`);
    if (!existsSync(file)) {
        const text = readFromBundle(join(llama, "gitRelease.bundle"));
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
    }
    return { name: "llama.cpp", about: `${release}, MIT`, text: readFileSync(file, "utf8") };
}

/** @param {string} bundle @returns {string} */
function readFromBundle(bundle) {
    const repository = mkdtempSync(join(tmpdir(), "ingot-llama-"));
    try {
        git(["clone", "--quiet", "--bare", bundle, repository]);
        return LLAMA_FILES.map((file) => git([`--git-dir=${repository}`, "show", `HEAD:${file}`]))
            .map((text) => text.trim())
            .join("\n\n");
    } finally {
        rmSync(repository, { recursive: true, force: true });
    }
}

/** @param {string[]} args @returns {string} */
function git(args) {
    // Inside of a hook they would mean another repository.
    const env = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")),
    );
    const { status, stdout, stderr } = spawnSync("git", args, { encoding: "utf8", env });
    if (status !== 0) throw new Error(`The licence of llama.cpp could not be read: ${stderr}`);
    return stdout;
}

/** @param {readonly Notice[]} notices @returns {string} */
export function noticesText(notices) {
    const sections = notices.map(
        ({ name, about, text }) => `${RULE}\n${name}\n${about}\n${RULE}\n\n${text}\n`,
    );
    return `Ingot holds software that others wrote, under the terms below. Packages in node_modules bring their own.\n\n${sections.join("\n")}`;
}

/** Names that have a section. @param {string} text @returns {Set<string>} */
export function namesIn(text) {
    const lines = text.split("\n");
    return new Set(lines.filter((_, i) => lines[i - 1] === RULE && lines[i + 2] === RULE));
}

/**
 * Grammars and packages of a vsix for which neither a licence file nor a section is there.
 * @param {readonly string[]} files Paths in the package, `/` separated. @param {string} text Of its notices.
 * @returns {string[]}
 */
export function withoutNotice(files, text) {
    const named = namesIn(text);
    const parts = files.flatMap((file) => {
        const grammar = /^dist\/syntax\/(tree-sitter[\w-]*)\.wasm$/.exec(file)?.[1];
        if (grammar !== undefined) return [{ name: grammar, folder: undefined }];
        const [folder, name] =
            /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)(?=\/package\.json$)/.exec(file) ?? [];
        return name === undefined ? [] : [{ name, folder }];
    });
    const hasFile = (/** @type {string} */ folder) =>
        files.some(
            (file) =>
                file.startsWith(`${folder}/`) && LICENCE_FILE.test(file.slice(folder.length + 1)),
        );
    return parts
        .filter(({ name, folder }) => !named.has(name) && !(folder && hasFile(folder)))
        .map(({ name }) => name);
}

/**
 * @param {string} file @param {{ metafiles: import("esbuild").Metafile[], copied: string[], grammars: string[] }} parts
 * `copied`: folders of packages of which the build copies or compiles files.
 */
export function writeNotices(file, { metafiles, copied, grammars }) {
    const folders = [...new Set([...bundledFolders(metafiles), ...copied])];
    const notices = [
        llamaNotice(),
        ...folders.flatMap(packageNotices),
        ...grammars.map((name) => mitNotice(`tree-sitter-${name}`)),
        ...SHIPPED.map(mitNotice),
    ];
    writeFileSync(file, noticesText(notices.sort((a, b) => (a.name < b.name ? -1 : 1))));
}
