// One checkpoint of every family on a config.json whose numbers are wrong, one at a time: a sentence that says so, never a crash or endless work.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AppError } from "../../src/base/errors";
import {
    openFolder,
    type CheckpointSource,
    type JsonObject,
} from "../../src/foundry/checkpoint/source";
import { planConversion } from "../../src/foundry/pipeline";
import { listGoldens } from "./golden";

const WRONG = [0, -1, 1.5, 1e12, "x", null];

/** The folder with another config.json. */
function withConfig(source: CheckpointSource, config: JsonObject): CheckpointSource {
    const bytes = Buffer.from(JSON.stringify(config));
    return {
        ...source,
        files: new Map([...source.files, ["config.json", bytes.length]]),
        open: async (file) =>
            file === "config.json"
                ? {
                      sizeBytes: bytes.length,
                      read: async (offset, length) => bytes.subarray(offset, offset + length),
                      close: async () => undefined,
                  }
                : source.open(file),
    };
}

function readConfig(folder: string): JsonObject | undefined {
    const file = join(folder, "config.json");
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as JsonObject) : undefined;
}

async function outcome(source: CheckpointSource): Promise<unknown> {
    return planConversion(source).then(
        () => "planned",
        (error: unknown) => error,
    );
}

describe("broken configurations", () => {
    const seen = new Set<unknown>();
    const cases = listGoldens((golden, folder) => {
        if (golden.kind !== "model" || golden.reference !== "ok") return false;
        const family = (readConfig(folder) ?? {})["model_type"];
        return family !== undefined && seen.size < seen.add(family).size;
    });

    it.each(cases.map((item) => [item.golden.name, item] as const))("%s", async (_, item) => {
        const source = await openFolder(item.folder);
        const config = readConfig(item.folder) as JsonObject;
        const inner = (config["text_config"] ?? config) as JsonObject;
        let nRefused = 0;
        for (const [key, value] of Object.entries(inner)) {
            if (typeof value !== "number") continue;
            for (const wrong of WRONG) {
                const changed = { ...inner, [key]: wrong };
                const whole = inner === config ? changed : { ...config, text_config: changed };
                const result = await outcome(withConfig(source, whole));
                if (result === "planned") continue;
                nRefused++;
                const label = `${key} = ${JSON.stringify(wrong)}`;
                expect({ label, error: result instanceof AppError ? result.code : result }).toEqual(
                    {
                        label,
                        error: expect.stringMatching(/^(data|user)\//) as string,
                    },
                );
            }
        }
        expect(nRefused).toBeGreaterThan(8);
    });
});
