// What bench/tools.mjs needs of the sources: the engine's client, and schemas with their validator. Bundled when the bench starts.
import { createLog } from "../../src/base/log";
import { EngineClient } from "../../src/node/engineClient";
import { closed, isValid, Random, randomParameters } from "../../test/support/randomSchemas";
import { buildOf } from "../../test/support/engineProcess";

export { isValid };

export const schemaOf = (seed: number) => closed(randomParameters(new Random(seed)));

export async function openEngine(options: {
    entry: string;
    model: string;
    contextTokens: number;
    threads?: number;
    home: string;
}): Promise<EngineClient> {
    const { entry, model: path, contextTokens, threads, home } = options;
    return new EngineClient({
        entry,
        build: await buildOf("engine.mjs"),
        log: createLog("bench", () => undefined),
        config: { agent: { path, gpuLayers: "auto", contextTokens }, threads, idleUnloadMs: 0 },
        env: { INGOT_HOME: home },
    });
}
