/** Finds the family of a checkpoint by its architecture. A new family is a file beside this one and a line in the list. */

import { AppError } from "../../base/errors";
import type { Family } from "./family";
import { llama } from "./llama";
import { qwen2 } from "./qwen2";

export const FAMILIES: readonly Family[] = [qwen2, llama];

const byArchitecture = new Map(
    FAMILIES.flatMap((family) => family.architectures.map((name) => [name, family] as const)),
);

/** Throws with the name of what is missing when no family covers the architecture. */
export function findFamily(architecture: string): Family {
    const family = byArchitecture.get(architecture);
    if (family) return family;
    throw new AppError(
        "data/unsupported",
        `Ingot cannot convert ${architecture.slice(0, 80)} models yet; it knows ${FAMILIES.map((known) => known.title).join("; ")}`,
    );
}
