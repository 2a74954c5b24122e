// A folder of its own for each test of a file, gone after the test.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** Called once at the top of a file; what it returns tells the folder's real path while a test runs, also to a later `beforeEach`. */
export function temporaryFolder(name: string): () => string {
    let folder = "";
    beforeEach(() => {
        folder = realpathSync(mkdtempSync(join(tmpdir(), `ingot-${name}-`)));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));
    return () => folder;
}
