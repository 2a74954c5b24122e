/**
 * Models of Ollama: manifests name blobs by their hash, and the blob of the kind "model" is a GGUF file. Manifests are other people's files:
 * every name and number is checked before it becomes a path.
 */

import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface OllamaModel {
    /** `qwen2.5-coder:1.5b`, as Ollama calls it. */
    name: string;
    /** Absolute path of the blob. */
    path: string;
}

export interface OllamaFindings {
    models: OllamaModel[];
    skipped: { path: string; reason: string }[];
}

const MODEL = "application/vnd.ollama.image.model";
const ADAPTER = "application/vnd.ollama.image.adapter";
const MAX_MANIFEST_BYTES = 256 * 1024;
const MAX_MANIFESTS = 1000;
/** registry / namespace / name / tag; a registry on Hugging Face has an owner more. */
const MAX_DEPTH = 5;

/** `root`: the folder with `manifests` and `blobs`. */
export async function findOllamaModels(root: string): Promise<OllamaFindings> {
    const findings: OllamaFindings = { models: [], skipped: [] };
    for (const parts of await manifestPaths(join(root, "manifests"))) {
        const path = join(root, "manifests", ...parts);
        const found = await readManifest(root, path);
        if (typeof found === "string") findings.skipped.push({ path, reason: found });
        else findings.models.push({ name: modelName(parts), path: found.path });
    }
    return findings;
}

async function manifestPaths(folder: string): Promise<string[][]> {
    const found: string[][] = [];
    const walk = async (parts: string[]): Promise<void> => {
        const entries = await readdir(join(folder, ...parts), { withFileTypes: true }).catch(
            () => [],
        );
        for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
            if (found.length >= MAX_MANIFESTS || entry.name.startsWith(".")) continue;
            const inner = [...parts, entry.name];
            if (entry.isDirectory() && inner.length < MAX_DEPTH) await walk(inner);
            if (entry.isFile() && inner.length > 1) found.push(inner);
        }
    };
    await walk([]);
    return found;
}

/** Ollama leaves out its own registry and its own namespace. */
function modelName(parts: readonly string[]): string {
    const [registry, ...rest] = parts;
    const names = registry === "registry.ollama.ai" ? rest : [...parts];
    const tag = names.pop() ?? "";
    if (names[0] === "library") names.shift();
    return `${names.join("/")}:${tag}`;
}

/** The blob's path, or why there is none. */
async function readManifest(root: string, path: string): Promise<{ path: string } | string> {
    const status = await stat(path).catch(() => undefined);
    if (!status?.isFile()) return "it is not a file";
    if (status.size > MAX_MANIFEST_BYTES) return "the manifest is too long";
    let layers: unknown;
    try {
        layers = (JSON.parse(await readFile(path, "utf8")) as { layers?: unknown } | null)?.layers;
    } catch {
        return "the manifest is not valid JSON";
    }
    if (!Array.isArray(layers)) return "the manifest lists no layers";
    const ofKind = (kind: string) =>
        layers.filter(
            (layer): layer is Record<string, unknown> =>
                typeof layer === "object" &&
                layer !== null &&
                (layer as Record<string, unknown>)["mediaType"] === kind,
        );
    if (ofKind(ADAPTER).length > 0) return "it has an adapter besides the model";
    const [model, ...more] = ofKind(MODEL);
    if (!model) return "it has no model";
    if (more.length > 0) return "its model has several parts";
    const { digest, size } = model;
    const [, hex] =
        /^sha256[:-]([0-9a-f]{64})$/.exec(typeof digest === "string" ? digest : "") ?? [];
    if (hex === undefined) return "its model has no valid digest";
    const blob = join(root, "blobs", `sha256-${hex}`);
    const there = await stat(blob).catch(() => undefined);
    if (!there?.isFile()) return "its model is not on the disk";
    if (there.size !== size) return "its model is not whole";
    return { path: blob };
}
