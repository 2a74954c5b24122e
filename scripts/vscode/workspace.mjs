// Copies the sample project into a temporary folder, so that nothing a person or a test types lands in the tree.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const sample = fileURLToPath(new URL("../../sample", import.meta.url));

/** @returns {{ folder: string, remove: () => void }} */
export function copySample() {
    const parent = mkdtempSync(join(tmpdir(), "ingot-sample-"));
    const folder = join(parent, "tea-shop");
    cpSync(sample, folder, { recursive: true });
    return { folder, remove: () => rmSync(parent, { recursive: true, force: true }) };
}
