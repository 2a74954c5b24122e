// The last part of `npm run check`: drift between things that must agree and that no compiler compares. Prints every finding
// as one sentence; exit 1 when there is one.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readFloors } from "./result.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const MAX_MAP_LINES = 60;
const MAX_FILE_LINES = 500;

/** Stable contribution points only: code-server would let proposed ones through (docs/architecture.md, Invariants). */
const CONTRIBUTION_POINTS = new Set([
    "chatParticipants",
    "commands",
    "configuration",
    "customEditors",
    "keybindings",
    "languageModelTools",
    "languageModelChatProviders",
    "menus",
    "views",
    "viewsContainers",
    "viewsWelcome",
    "walkthroughs",
]);
const MENUS = new Set([
    "commandPalette",
    "editor/context",
    "editor/title",
    "explorer/context",
    "scm/title",
    "view/item/context",
    "view/title",
]);

/** @typedef {{ command: string, title: string }} Command */
/** @typedef {{ properties: Record<string, { description?: string, markdownDescription?: string }> }} Configuration */

/** @param {string} path */
const read = (path) => readFileSync(join(root, path), "utf8");
const manifest = JSON.parse(read("package.json"));
/** @type {string[]} */
const findings = [];
/** @param {boolean} holds @param {string} sentence */
const expect = (holds, sentence) => {
    if (!holds) findings.push(sentence);
};

/** Files that git tracks or would track. */
function projectFiles() {
    const { status, stdout } = spawnSync(
        "git",
        ["ls-files", "--cached", "--others", "--exclude-standard"],
        { cwd: root, encoding: "utf8" },
    );
    if (status !== 0) {
        findings.push("git does not list the files, so they were not checked.");
        return [];
    }
    return [...new Set(stdout.split("\n"))].filter((file) => file && existsSync(join(root, file)));
}

function checkCommands() {
    const ids = new Set(read("src/host/manifest.ts").match(/(?<=: ")ingot\.\w+(?=")/g) ?? []);
    /** @type {Command[]} */
    const commands = manifest.contributes.commands;
    for (const { command, title } of commands) {
        expect(
            ids.has(command),
            `package.json contributes ${command}, manifest.ts has no such id.`,
        );
        expect(/^[A-Z0-9]/.test(title), `The title of ${command} is not in title case: ${title}.`);
    }
    const readme = documentation();
    for (const [, script] of readme.matchAll(/npm run ([\w:]+)/g))
        expect(
            script !== undefined && script in manifest.scripts,
            `The documentation names npm run ${script}, package.json has no such script.`,
        );
}

function checkSettings() {
    const keys = new Set(
        [...read("src/host/config.ts").matchAll(/"((?:[a-z]\w*\.)+[a-z]\w*)"/gi)].map(
            ([, key]) => `ingot.${key}`,
        ),
    );
    const text = documentation();
    /** @type {Configuration[]} */
    const groups = [manifest.contributes.configuration].flat();
    for (const [key, setting] of groups.flatMap(({ properties }) => Object.entries(properties))) {
        expect(keys.has(key), `Setting ${key} is in package.json but not in src/host/config.ts.`);
        const words = setting.markdownDescription ?? setting.description ?? "";
        expect(words.length >= 20, `Setting ${key} has no useful description.`);
        expect(text.includes(key), `Setting ${key} is named in no document.`);
    }
}

function checkContributions() {
    expect(!("enabledApiProposals" in manifest), "package.json uses proposed API.");
    for (const point of Object.keys(manifest.contributes))
        expect(
            CONTRIBUTION_POINTS.has(point),
            `Contribution point ${point} is not on the list of stable ones in scripts/check.mjs.`,
        );
    for (const menu of Object.keys(manifest.contributes.menus ?? {}))
        expect(
            MENUS.has(menu),
            `Menu ${menu} is not on the list of stable ones in scripts/check.mjs.`,
        );
    const types = manifest.devDependencies["@types/vscode"];
    expect(
        manifest.engines.vscode === `^${types}`,
        `engines.vscode and @types/vscode differ: newer API would compile and fail.`,
    );
}

function checkProtocol() {
    const hash = createHash("sha256");
    for (const name of readdirSync(join(root, "src", "protocol")).sort())
        hash.update(name).update(read(`src/protocol/${name}`));
    const now = hash.digest("hex").slice(0, 16);
    const written = /^protocol: ([0-9a-f]+)$/m.exec(read("docs/engine.md"))?.[1];
    expect(
        written === now,
        `src/protocol changed: read docs/engine.md against it, then write "protocol: ${now}" there.`,
    );
}

/** @param {string[]} files */
function checkPlaces(files) {
    const elsewhere = /(?<![\w.])\/(?:work|root|home\/(?!user\b|you\b|me\b)\w+|Users\/\w+)\/[\w.]/;
    for (const file of files) {
        if (!/\.(ts|mjs|js|cjs|json|md|cpp|h|css|html|txt|yml|npmrc)$|run$/.test(file)) continue;
        if (file.startsWith("models/") || file === "scripts/check.mjs") continue;
        const text = read(file);
        const path = elsewhere.exec(text)?.[0];
        expect(path === undefined, `${file} names a path of one machine: ${path}...`);
        if (file !== "package-lock.json") continue;
        const hosts = new Set(
            [...text.matchAll(/"resolved": "(https?:\/\/[^/"]+)/g)].map((m) => m[1]),
        );
        hosts.delete("https://registry.npmjs.org");
        expect(hosts.size === 0, `package-lock.json names the registry ${[...hosts].join(", ")}.`);
    }
}

/** @param {string[]} files */
function checkFiles(files) {
    const nMapLines = read("AGENTS.md").trimEnd().split("\n").length;
    expect(
        nMapLines <= MAX_MAP_LINES,
        `AGENTS.md has ${nMapLines} lines, ${MAX_MAP_LINES} at most.`,
    );
    for (const file of files) {
        expect(
            !lstatSync(join(root, file)).isSymbolicLink(),
            `${file} is a link: it leads nowhere on another computer.`,
        );
        if (!/^(src|native|scripts|test|bench)\/.*\.(ts|mjs|cpp|h)$/.test(file)) continue;
        const text = read(file);
        const nLines = text.split("\n").length;
        const isTable = /^\/[/*].*\btable\b/im.test(text.slice(0, 600));
        expect(
            nLines <= MAX_FILE_LINES || isTable,
            `${file} has ${nLines} lines, ${MAX_FILE_LINES} at most.`,
        );
        expect(/^(#!.*\n)?\/[/*]/.test(text), `${file} does not open with what it owns.`);
    }
}

function checkFloors() {
    for (const [suite, floor] of Object.entries(readFloors()))
        expect(floor > 0, `The floor of suite ${suite} is ${floor}: it could be empty and green.`);
}

/** The build fails by itself when a bundle outgrows its budget. */
function checkBundles() {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["esbuild.js"], {
        cwd: root,
        encoding: "utf8",
    });
    expect(status === 0, `The build fails:\n${stdout}${stderr}`);
}

/** Everything a person reads, as one text. */
function documentation() {
    const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
    return ["README.md", "AGENTS.md", ...docs.map((name) => `docs/${name}`)]
        .filter((file) => existsSync(join(root, file)))
        .map(read)
        .join("\n");
}

const files = projectFiles();
checkCommands();
checkSettings();
checkContributions();
checkProtocol();
checkPlaces(files);
checkFiles(files);
checkFloors();
checkBundles();
for (const finding of findings) console.error(finding);
console.log(findings.length === 0 ? "No drift." : `${findings.length} findings.`);
process.exitCode = findings.length > 0 ? 1 : 0;
