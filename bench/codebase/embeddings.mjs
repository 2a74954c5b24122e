// Vectors of a workspace's pieces and of questions for the codebase bench, by the engine's own code on the addon in this process. What was
// computed is kept in a folder of the system's temporary files by model and text, because it takes minutes.
import { createRequire } from "node:module";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAddon } from "../support/native.mjs";
import { loadModules } from "../support/modules.mjs";

const SAVE_EVERY = 2000;
const AT_ONCE = 32;

/** @param {string} path of a GGUF file */
export async function openEmbeddings(path) {
    globalThis.require ??= createRequire(import.meta.url);
    const modules = await loadModules([
        "engine/embeddings/embedModel",
        "indexer/vectorStore",
        "indexer/vectors",
    ]);
    const model = await modules.loadEmbedModel(path, { addon: openAddon() });
    const folder = join(tmpdir(), "ingot-bench-vectors", model.key);
    mkdirSync(folder, { recursive: true });
    const options = {
        signal: new AbortController().signal,
        turn: async () => undefined,
        onInterrupt: () => ({ dispose: () => undefined }),
    };
    const space = { key: model.key, dimensions: model.dimensions };
    const vectors =
        (await modules.readVectors(folder, console.error)) ?? new modules.Vectors(space);
    return {
        vectors,
        name: model.name,
        /** Those of texts that are not there yet; how many, how many characters and how long it took. */
        async add(texts) {
            const beginMs = performance.now();
            const missing = texts.filter((text) => !vectors.has(modules.textHash(text)));
            for (let first = 0; first < missing.length; first += AT_ONCE) {
                const some = missing.slice(first, first + AT_ONCE);
                const values = await model.embed(some, "piece", options);
                for (const [i, text] of some.entries()) {
                    const own = values.subarray(i * model.dimensions, (i + 1) * model.dimensions);
                    vectors.put(modules.textHash(text), own);
                }
                if (first % SAVE_EVERY < AT_ONCE) await modules.writeVectors(folder, vectors);
            }
            await modules.writeVectors(folder, vectors);
            return { n: missing.length, ms: performance.now() - beginMs };
        },
        question: (text) => model.embed([text], "question", options),
        close: () => model.close(),
    };
}
