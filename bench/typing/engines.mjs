// Which engines a bench compares: ours, llama-server as llama.vscode drives it, and any other command that speaks the protocol.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const suffix = process.platform === "win32" ? ".exe" : "";

/** Options of every bench that asks engines. */
export const ENGINE_OPTIONS = {
    model: { type: "string" },
    peer: { type: "string" },
    "peer-bin": { type: "string" },
    /** How many alternatives llama.vscode asks for: 3 is its default. */
    "peer-alternatives": { type: "string", default: "1,3" },
    engine: { type: "string", multiple: true },
    threads: { type: "string" },
    setting: { type: "string", multiple: true, default: [] },
    /** Ours once more without a part: a name of src/cli/stdio/leaveOut.ts, or a setting as NAME=JSON. */
    without: { type: "string", multiple: true, default: [] },
    json: { type: "string" },
};

/** `[{ name, command, settings }]`, ours first. Throws with a sentence for the user. */
export function enginesOf(values) {
    if (!values.model) throw new Error("--model names the GGUF file that every engine loads");
    const settings = Object.fromEntries(values.setting.map(readSetting));
    if (values.threads) settings.threads = Number(values.threads);
    const engines = (values.engine ?? []).map((text) => {
        const [, name, command] = /^([^=]+)=(.+)$/.exec(text) ?? [];
        if (!command) throw new Error(`--engine takes NAME=COMMAND, not ${text}`);
        return { name, command: command.split(" "), settings };
    });
    if (engines.length === 0) engines.push({ name: "ingot", command: ours(), settings });
    for (const part of values.without) {
        const left = part.includes("=")
            ? Object.fromEntries([readSetting(part)])
            : { without: [part] };
        const own = { ...settings, ...left };
        engines.push({ name: `without ${part}`, command: ours(), settings: own });
    }
    if (values.peer === undefined) return engines;
    if (values.peer !== "llama-server")
        throw new Error(`there is no peer ${values.peer}; the one there is: llama-server`);
    const peers = values["peer-alternatives"].split(",").map((alternatives) => ({
        name: `llama.vscode x${alternatives}`,
        command: peer(values["peer-bin"]),
        settings: {
            ...(settings.threads && { threads: settings.threads }),
            alternatives: Number(alternatives),
        },
    }));
    return [...engines, ...peers];
}

function ours() {
    const cli = join(root, "dist", "cli.mjs");
    if (!existsSync(cli)) throw new Error("dist/cli.mjs is not built; run npm run build first");
    return [process.execPath, cli, "complete", "--stdio"];
}

function peer(given) {
    const binary = given ?? join(root, ".cache", "peers", "bin", `llama-server${suffix}`);
    if (!existsSync(binary))
        throw new Error(`${binary} is not there; run npm run peers, or give --peer-bin PATH`);
    return [process.execPath, join(root, "bench", "peer", "main.mjs"), binary];
}

/** `NAME=JSON`. */
function readSetting(text) {
    const at = text.indexOf("=");
    try {
        if (at > 0) return [text.slice(0, at), JSON.parse(text.slice(at + 1))];
    } catch {
        // Told below.
    }
    throw new Error(`--setting takes NAME=JSON, not ${text}`);
}
