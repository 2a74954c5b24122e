// `npm run peers [-- TOOL...]`: builds llama.cpp's own tools, which benchmarks and goldens are compared with, from the
// git bundle inside node-llama-cpp, and links them with the libraries that Ingot opens (peers/CMakeLists.txt), so that both sides of
// a comparison run the same kernels. On Windows, where libraries come without what a linker needs, all of llama.cpp is built.
// No network. Sources go to .cache/peers/llama.cpp, tools and libraries to .cache/peers/bin. Without names: all of TOOLS.
import { spawnSync } from "node:child_process";
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
import { libraries } from "./libraries.mjs";

const TOOLS = [
    "llama-quantize",
    "llama-server",
    "llama-batched-bench",
    "llama-bench",
    "llama-perplexity",
    "llama-imatrix",
    "llama-gguf-split",
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const llama = join(root, "node_modules", "node-llama-cpp", "llama");
const cache = join(root, ".cache", "peers");
const source = join(cache, "llama.cpp");
const build = join(cache, "build");
const bin = join(cache, "bin");
const suffix = process.platform === "win32" ? ".exe" : "";

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !TOOLS.includes(name));
if (unknown.length > 0) {
    console.error(`unknown tool ${unknown.join(", ")}; there are: ${TOOLS.join(", ")}`);
    process.exit(2);
}
const tools = asked.length > 0 ? asked : TOOLS;

/** @param {string} command @param {string[]} args */
function run(command, args) {
    const result = spawnSync(command, args, { stdio: "inherit" });
    if (result.error) {
        console.error(`${command} cannot be started: ${result.error.message}`);
        process.exit(1);
    }
    if (result.status !== 0) process.exit(result.status ?? 1);
}

/** As one program each, with kernels that any x64 processor of the last ten years has. No OpenMP: node-llama-cpp's builds have none either. */
function plainFlags() {
    const off = [
        "BUILD_SHARED_LIBS",
        "GGML_NATIVE",
        "GGML_OPENMP",
        "GGML_CCACHE",
        "LLAMA_OPENSSL",
        "LLAMA_BUILD_TESTS",
        "LLAMA_BUILD_EXAMPLES",
        "LLAMA_BUILD_APP",
        "LLAMA_BUILD_UI",
        "LLAMA_USE_PREBUILT_UI",
    ];
    return ["-S", source, ...off.map((name) => `-D${name}=OFF`)];
}

/** On top of the libraries, which are copied beside the tools: those for the processor are looked for there. */
function linkedFlags() {
    mkdirSync(bin, { recursive: true });
    for (const name of readdirSync(libraries.dir))
        if (name.startsWith("lib")) copyFileSync(join(libraries.dir, name), join(bin, name));
    return [
        ...["-S", join(root, "scripts", "peers")],
        ...[`-DLLAMA_DIR=${source}`, `-DLIBRARIES_DIR=${libraries.dir}`],
    ];
}

const isLinked = process.platform !== "win32";
const { release } = JSON.parse(readFileSync(join(llama, "binariesGithubRelease.json"), "utf8"));
const stamp = join(cache, "release");
const state = `${release}${isLinked ? ", linked" : ""}`;
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== state) {
    rmSync(cache, { recursive: true, force: true });
    mkdirSync(cache, { recursive: true });
    run("git", ["clone", "--quiet", join(llama, "gitRelease.bundle"), source]);
    writeFileSync(stamp, state);
}

run("cmake", [
    ...["-B", build, "-DCMAKE_BUILD_TYPE=Release"],
    ...(isLinked ? linkedFlags() : plainFlags()),
]);
mkdirSync(bin, { recursive: true });
for (const tool of tools) {
    const jobs = process.env["CMAKE_BUILD_PARALLEL_LEVEL"] ?? `${availableParallelism()}`;
    run("cmake", [
        ...["--build", build, "--config", "Release"],
        ...["--parallel", jobs, "--target", tool],
    ]);
    const built = [join(build, "bin", tool + suffix), join(build, "bin", "Release", tool + suffix)];
    const output = built.find((path) => existsSync(path));
    if (!output) {
        console.error(`building ${tool} left no program in ${join(build, "bin")}`);
        process.exit(1);
    }
    const part = join(bin, `${tool}.part`);
    copyFileSync(output, part);
    renameSync(part, join(bin, tool + suffix));
    console.log(join(bin, tool + suffix));
}
