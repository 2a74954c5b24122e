/**
 * The command `ingot`: picks the command, owns exit codes and Ctrl+C. 0 done, 1 failed with one sentence, 2 wrong usage, 130 cancelled.
 * Native code never runs here: commands start the engine and the worker as the extension does.
 */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError, cancelled, isCancelled, toWire } from "../base/errors";
import { usage, UsageError } from "./args";
import { bench } from "./bench";
import { chat } from "./chat";
import { compare } from "./compare";
import { complete } from "./complete";
import { EXIT, type CliContext, type Command, type ProgressView } from "./context";
import { convert } from "./convert";
import { imatrix } from "./imatrix";
import { infill } from "./infill";
import { inspect } from "./inspect";
import { lora } from "./lora";
import { models } from "./models";
import { perplexity } from "./perplexity";
import { publish } from "./publish";
import { quantize } from "./quantize";
import { jsonProgress, noProgress, printable, terminalProgress } from "./output";

const COMMANDS: readonly Command[] = [
    ...[convert, quantize, lora, inspect, imatrix, perplexity, infill, bench, compare],
    ...[publish, complete, chat, models],
];
const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function main(): Promise<number> {
    const { words, json, progress } = takeGlobalOptions(process.argv.slice(2));
    const [name, ...args] = words;
    if (name === undefined || name === "help" || name === "--help" || name === "-h") {
        process.stdout.write(overview());
        return name === undefined ? EXIT.usage : EXIT.done;
    }
    if (name === "--version") {
        process.stdout.write(`ingot ${version()} (build ${__BUILD__})\n`);
        return EXIT.done;
    }
    const command = COMMANDS.find((one) => one.name === name);
    if (!command) {
        process.stderr.write(`There is no command ${name}; ingot --help lists them\n`);
        return EXIT.usage;
    }
    if (args.includes("--help") || args.includes("-h")) {
        process.stdout.write(
            `usage: ingot ${command.name} ${command.usage}\n\n${command.summary}\n`,
        );
        return 0;
    }
    return run(command, args, json, progress);
}

async function run(
    command: Command,
    args: string[],
    json: boolean,
    progress: ProgressView,
): Promise<number> {
    const controller = new AbortController();
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
        process.on(name, () => controller.abort());
    // `ingot ... | head`: whoever read our results has enough.
    process.stdout.on("error", () => controller.abort());
    const context: CliContext = {
        args,
        json,
        signal: controller.signal,
        stdin: process.stdin,
        stdout: process.stdout,
        stderr: process.stderr,
        out: (text) => void process.stdout.write(text),
        note: (text) => void process.stderr.write(`${printable(text)}\n`),
        progress,
        root,
        bundles: join(root, "dist"),
        build: __BUILD__,
        starterPath: join(root, "models", "starter", "starter-q8_0.gguf"),
    };
    try {
        return await command.run(context);
    } catch (error) {
        progress.end();
        // Whatever failed after Ctrl+C failed because of it: a child may have got the signal before it was ready for it.
        return report(controller.signal.aborted ? cancelled() : error, command);
    }
}

function report(error: unknown, command?: Command): number {
    if (isCancelled(error)) {
        process.stderr.write("Cancelled\n");
        return EXIT.cancelled;
    }
    const { code, message, detail } = toWire(error);
    process.stderr.write(`${printable(message)}\n`);
    if (detail && process.env["INGOT_DEBUG"]) process.stderr.write(`${printable(detail)}\n`);
    if (code !== "user/usage" || !(error instanceof AppError)) return EXIT.failed;
    if (command && error instanceof UsageError)
        process.stderr.write(`usage: ingot ${command.name} ${command.usage}\n`);
    return EXIT.usage;
}

/** `--json` and `--progress json|none` go with every command. */
function takeGlobalOptions(argv: string[]): {
    words: string[];
    json: boolean;
    progress: ProgressView;
} {
    const words = [...argv];
    const write = (text: string) => void process.stderr.write(text);
    let progress = process.stderr.isTTY ? terminalProgress(write) : noProgress;
    const at = words.indexOf("--progress");
    if (at >= 0) {
        const [, kind] = words.splice(at, 2);
        if (kind !== "json" && kind !== "none") throw usage("--progress takes json or none");
        progress = kind === "json" ? jsonProgress(write) : noProgress;
    }
    const jsonAt = words.indexOf("--json");
    if (jsonAt >= 0) words.splice(jsonAt, 1);
    return { words, json: jsonAt >= 0, progress };
}

/** Of the package that the bundle lies in. */
function version(): string {
    const text = readFileSync(join(root, "package.json"), "utf8");
    return String((JSON.parse(text) as { version?: unknown }).version);
}

function overview(): string {
    const lines = COMMANDS.map(
        (command) => `  ingot ${command.name.padEnd(10)} ${command.summary}`,
    );
    return [
        "Ingot: local code models. Commands:",
        ...lines,
        "",
        "ingot COMMAND --help says more. With every command: --json (results as one JSON document),",
        "--progress json (progress as JSON lines on stderr). ingot --version says which one this is.",
        "",
    ].join("\n");
}

process.exitCode = await main().catch((error: unknown) => report(error));
