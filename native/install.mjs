// The npm `install` script: builds native/build/ingot.node from the sources beside this file and the llama.cpp headers
// in node-llama-cpp's git bundle. No network. Does nothing when the sources and the release are those of the last
// build, unless --force. What is missing on this computer is named in one sentence, with the line that installs it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
    copyFileSync,
    existsSync,
    mkdirSync,
    readFileSync,
    readdirSync,
    renameSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const build = join(here, "build");
const target = join(build, "ingot.node");
const stamp = join(build, "stamp.json");
const modules = join(root, "node_modules");
const llama = join(modules, "node-llama-cpp", "llama");

/** Ends the script with one sentence. */
function fail(sentence, detail) {
    if (detail) console.error(detail.trim());
    console.error(sentence);
    process.exit(1);
}

/** What installs a tool here, by the package manager that is found: [apt, dnf, pacman, brew, winget]. */
const packages = {
    git: ["git", "git", "git", "git", "Git.Git"],
    cmake: ["cmake", "cmake", "cmake", "cmake", "Kitware.CMake"],
    compiler: ["g++", "gcc-c++", "gcc", "gcc", "Microsoft.VisualStudio.2022.BuildTools"],
    make: ["make", "make", "make", "make", "Ninja-build.Ninja"],
};

function works(command, args = ["--version"]) {
    return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

function installLine(tool) {
    const [apt, dnf, pacman, brew, winget] = packages[tool];
    if (process.platform === "win32") return `winget install ${winget}`;
    if (process.platform === "darwin")
        return tool === "compiler" || tool === "make" || tool === "git"
            ? "xcode-select --install"
            : `brew install ${brew}`;
    if (works("apt-get")) return `sudo apt-get install -y ${apt}`;
    if (works("dnf")) return `sudo dnf install -y ${dnf}`;
    if (works("pacman")) return `sudo pacman -S ${pacman}`;
    return `install the package ${apt} with the package manager of this system`;
}

function need(tool, found) {
    if (!found)
        fail(
            `Ingot needs ${tool === "compiler" ? "a C++ compiler" : tool} to build its native part; install it with: ${installLine(tool)}`,
        );
}

/** Runs a build step without showing it; its output appears only when it fails. */
function run(command, args, what) {
    const env = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")),
    );
    const result = spawnSync(command, args, { encoding: "utf8", env, maxBuffer: 1 << 26 });
    if (result.error) fail(`${what} failed: ${result.error.message}`);
    if (result.status !== 0)
        fail(
            `${what} failed (the output above says why)`,
            `${result.stdout}\n${result.stderr}`.slice(-8000),
        );
    return result.stdout;
}

function requirePackage(path, name) {
    if (!existsSync(path))
        fail(`Ingot's native part needs the package ${name}; run npm ci without --omit`);
}

requirePackage(join(llama, "gitRelease.bundle"), "node-llama-cpp");
requirePackage(join(modules, "node-addon-api", "napi.h"), "node-addon-api");
requirePackage(join(modules, "node-api-headers", "include"), "node-api-headers");

const { release } = JSON.parse(readFileSync(join(llama, "binariesGithubRelease.json"), "utf8"));
if (!/^[\w.-]+$/.test(release))
    fail(`node-llama-cpp names a strange llama.cpp release: ${release}`);

const hash = createHash("sha256").update(`${release} ${process.platform} ${process.arch}`);
for (const folder of [here, join(here, "feedback"), join(here, "lab"), join(here, "napi")])
    for (const file of readdirSync(folder).sort())
        if (/\.(cpp|h|txt)$/.test(file)) hash.update(file).update(readFileSync(join(folder, file)));
for (const name of ["node-addon-api", "node-api-headers"])
    hash.update(readFileSync(join(modules, name, "package.json")));
const wanted = JSON.stringify({ release, hash: hash.digest("hex") });

const isBuilt = existsSync(target) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
if (isBuilt && !process.argv.includes("--force")) process.exit(0);

const isWindows = process.platform === "win32";
const compiler = process.env.CXX ?? ["c++", "g++", "clang++"].find((name) => works(name));
const hasNinja = works("ninja");
need("git", works("git"));
need("cmake", works("cmake"));
// On Windows CMake finds Visual Studio, which is in no PATH; it says so when there is none.
if (!isWindows) {
    need("compiler", compiler !== undefined && works(compiler));
    need("make", hasNinja || works("make"));
}

mkdirSync(build, { recursive: true });
const headers = join(build, `llama-${release}`);
if (!existsSync(join(headers, "include", "llama.h"))) {
    const bare = `${headers}.git`;
    const part = `${headers}.part`;
    rmSync(bare, { recursive: true, force: true });
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part);
    const bundle = join(llama, "gitRelease.bundle");
    run("git", ["clone", "--quiet", "--bare", bundle, bare], "Unpacking llama.cpp's headers");
    const paths = ["include", "ggml/include", "ggml/CMakeLists.txt"];
    run(
        "git",
        [`--git-dir=${bare}`, `--work-tree=${part}`, "checkout", "--quiet", "HEAD", "--", ...paths],
        "Unpacking llama.cpp's headers",
    );
    rmSync(bare, { recursive: true, force: true });
    rmSync(headers, { recursive: true, force: true });
    renameSync(part, headers);
}

const cmake = join(build, "cmake");
// A cache made by another generator or at another place only gives errors.
rmSync(join(cmake, "CMakeCache.txt"), { force: true });
run(
    "cmake",
    [
        ...["-S", here, "-B", cmake, "-DCMAKE_BUILD_TYPE=Release", `-DINGOT_RELEASE=${release}`],
        ...(hasNinja ? ["-G", "Ninja"] : isWindows ? [] : ["-G", "Unix Makefiles"]),
        ...(compiler && !isWindows ? [`-DCMAKE_CXX_COMPILER=${compiler}`] : []),
        `-DLLAMA_DIR=${headers}`,
        `-DNODE_ADDON_API_DIR=${join(modules, "node-addon-api")}`,
        `-DNODE_API_HEADERS_DIR=${join(modules, "node-api-headers", "include")}`,
    ],
    "Configuring Ingot's native part",
);
run(
    "cmake",
    ["--build", cmake, "--config", "Release", "--parallel", `${availableParallelism()}`],
    "Compiling Ingot's native part",
);

const output = ["ingot.node", join("Release", "ingot.node")]
    .map((file) => join(cmake, file))
    .find((file) => existsSync(file));
if (!output) fail("Compiling Ingot's native part left no ingot.node");
// Under its final name only when whole: a process that has the old file open keeps it. Windows lets an open file be
// renamed but not replaced.
const part = join(build, `ingot.${process.pid}.part`);
copyFileSync(output, part);
if (isWindows && existsSync(target)) renameSync(target, join(build, `ingot.${Date.now()}.old`));
renameSync(part, target);
writeFileSync(stamp, wanted);
