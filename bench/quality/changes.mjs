// What a commit of a git repository changed, as an editor would have seen it done: file after file in git's order, each from the top.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAX_BYTES = 256e6;

export function git(repository, args, env = {}) {
    return execFileSync("git", ["-C", repository, "-c", "core.quotePath=false", ...args], {
        encoding: "utf8",
        maxBuffer: MAX_BYTES,
        env: { ...process.env, ...env },
    });
}

/** Ids of all commits that lead to the current one, without merges. */
export function commitsOf(repository) {
    return git(repository, ["log", "--no-merges", "--format=%H"]).split("\n").filter(Boolean);
}

/**
 * The files that are there afterwards: `{ path, isNew, hunks }`; what only moves text or adds spaces is no change. A hunk: `{ first, removed, added }`, the
 * zero-based line of the new file where `added` begins or would.
 */
export function changesIn(repository, commit) {
    const args = ["show", commit, "--format=", "-U0", "-w", "-M", "--no-color", "--no-ext-diff"];
    return readDiff(git(repository, args));
}

export function readDiff(text) {
    const files = [];
    let file;
    let left = { old: 0, new: 0 };
    for (const line of text.split("\n")) {
        const hunk = file?.hunks.at(-1);
        if (left.old > 0 && line.startsWith("-")) {
            hunk.removed.push(line.slice(1));
            left.old--;
        } else if (left.new > 0 && line.startsWith("+")) {
            hunk.added.push(line.slice(1));
            left.new--;
        } else if (line.startsWith("diff --git ")) {
            file = { path: undefined, isNew: false, hunks: [] };
            files.push(file);
        } else if (line.startsWith("new file mode")) {
            file.isNew = true;
        } else if (line.startsWith("+++ b/")) {
            // Git ends a path that holds spaces with a tab.
            file.path = line.slice("+++ b/".length).replace(/\t$/, "");
        } else {
            const found = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
            if (!found) continue;
            const [nOld, at, nNew] = [found[1] ?? 1, found[2], found[3] ?? 1].map(Number);
            left = { old: nOld, new: nNew };
            // Where nothing is added git names the line above.
            file.hunks.push({ first: nNew > 0 ? at - 1 : at, removed: [], added: [] });
        }
    }
    return files.filter(({ path, hunks }) => path !== undefined && hunks.length > 0);
}

/** The lines that an editor would say were replaced, and how many there are now; as src/host/context/editRing.ts takes them. */
export function lineChangeOf({ first, removed, added }) {
    const [nOld, nNew] = [removed.length, added.length];
    if (nNew === 0) return { first, last: first + nOld, nLines: 1 };
    if (nOld > 0) return { first, last: first + nOld - 1, nLines: nNew };
    // New lines begin at the end of the one above.
    return first > 0
        ? { first: first - 1, last: first - 1, nLines: nNew + 1 }
        : { first: 0, last: 0, nLines: nNew + 1 };
}

/** Calls `work` with a folder that holds the files of any commit after `checkOut(commit)`; it is gone afterwards. */
export async function withFiles(repository, work) {
    const home = mkdtempSync(join(tmpdir(), "ingot-history-"));
    const index = join(home, "index");
    const folder = join(home, "files");
    try {
        mkdirSync(folder);
        const checkOut = (commit) =>
            git(repository, [`--work-tree=${folder}`, "read-tree", "--reset", "-u", commit], {
                GIT_INDEX_FILE: index,
            });
        return await work(folder, checkOut);
    } finally {
        rmSync(home, { recursive: true, force: true });
    }
}
