// Copies the sample project into a temporary folder, so that nothing a person or a test types lands in the tree; makes it a repository where
// that is asked for.
import { execFileSync } from "node:child_process";
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

/** @param {string} folder @param {string[]} args */
export function git(folder, ...args) {
    execFileSync("git", ["-C", folder, ...args], { stdio: "pipe" });
}

/** A repository with all of the folder in one commit. @param {string} folder */
export function commitAll(folder) {
    git(folder, "init", "-q");
    git(folder, "config", "user.name", "Ann");
    git(folder, "config", "user.email", "ann@example.org");
    git(folder, "add", "-A");
    git(folder, "commit", "-q", "-m", "price : sums stay exact");
}
