/** Which golden cases the families of this version cover: plain checkpoints of a known architecture that the reference converts. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Family } from "../../src/foundry/family/family";
import type { Golden } from "./golden";

export function isOurs(golden: Golden, folder: string, families: readonly Family[]): boolean {
    if (golden.kind !== "model" || golden.reference === "refused") return false;
    if (!existsSync(join(folder, "config.json"))) return false;
    const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as {
        architectures?: string[];
    };
    const architecture = config.architectures?.[0] ?? "";
    return families.some((family) => family.architectures.includes(architecture));
}
