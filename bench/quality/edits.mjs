// Holes whose text may follow from what was just changed elsewhere: an added line of one file of a commit, with everything else of the commit done, but for
// what the same hunk has below that line. The pieces are what the product would show in an editor where the commit was written.
import { readFileSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { randomOf } from "../support/random.mjs";
import { changesIn, commitsOf, lineChangeOf, withFiles } from "./changes.mjs";
import { piecesAt } from "./editorPieces.mjs";
import { LANGUAGES, shuffled } from "./holes.mjs";
import { inKeyOrder } from "./key.mjs";
import { linesIn, restsOf } from "./rests.mjs";

/** A commit of more files is a merge or a renaming of everything. */
const MAX_FILES = 20;
/** A longer hunk was pasted, generated or moved. */
const MAX_HUNK = 60;
/** Lines of a diff above and below what was changed; as many as the product shows. */
const AROUND = 3;

/**
 * `nHoles` of a repository, one of a commit at most: `{ kind: "edit", path, languageId, before, truth, after, repository, commit, pieces, diffs }`; `diffs`: the
 * pieces with edits as diffs instead of as text. More of them begin with the same ones, also when the repository has grown.
 */
export async function cutEdits(product, repository, nHoles, seed) {
    return withFiles(repository, async (folder, checkOut) => {
        const holes = [];
        for (const { one: commit, number } of inKeyOrder(commitsOf(repository), seed)) {
            if (holes.length >= nHoles) break;
            const changes = changesIn(repository, commit);
            if (changes.length < 2 || changes.length > MAX_FILES) continue;
            checkOut(commit);
            const hole = holeIn(changes, folder, randomOf(number));
            if (!hole) continue;
            const others = changes.filter(({ path }) => path !== hole.path);
            const name = basename(resolve(repository));
            const pieces = await editPieces(product, { folder, hole, others });
            // A commit whose other changes are never shown says nothing.
            if (!pieces.pieces.some(({ kind }) => kind === "edit")) continue;
            holes.push({ ...hole, repository: name, commit, ...pieces });
        }
        return holes;
    });
}

/** In any source file that was there before, on any added line of code. */
function holeIn(changes, folder, random) {
    const sources = changes.filter(({ path, isNew }) => LANGUAGES[extname(path)] && !isNew);
    for (const { path, hunks } of shuffled(sources, random)) {
        const lines = linesIn(readFileSync(join(folder, path), "utf8"));
        const restAt = restsOf(lines, random);
        const places = hunks
            .filter(({ added }) => added.length <= MAX_HUNK)
            .flatMap(({ first, added }) =>
                added.map((_, i) => ({ at: first + i, end: first + added.length })),
            );
        for (const { at, end } of shuffled(places, random)) {
            const found = restAt(at);
            if (!found) continue;
            const after = ["", ...lines.slice(end)].join("\n");
            return { kind: "edit", path, languageId: LANGUAGES[extname(path)], ...found, after };
        }
    }
    return undefined;
}

/** Every change is recorded, and each file was left at its last one. */
async function editPieces(product, { folder, hole, others }) {
    const ring = new product.EditRing(2 * product.MAX_EDITS);
    const visited = [];
    for (const { path, hunks } of others) {
        for (const hunk of hunks) ring.record(path, lineChangeOf(hunk));
        const { first, added } = hunks.at(-1);
        const line = first + Math.max(0, added.length - 1);
        visited.unshift({ uri: path, ...product.visitAt(line) });
    }
    const edited = ring.list();
    const at = (known) => piecesAt(known, { folder, hole, edited, visited });
    const asDiff = ({ path, lines }, region) =>
        diffOf(others.find((one) => one.path === path)?.hunks ?? [], lines, region);
    return {
        pieces: await at(product),
        diffs: await at({ ...product, editedText: asDiff }),
    };
}

/** The hunks of a region with a few lines around them, each line after `-`, `+` or a space. */
export function diffOf(hunks, lines, { first, last }) {
    const written = [];
    let next = Math.max(0, first - AROUND);
    const upTo = (end) => {
        for (; next < end; next++) written.push(` ${lines[next] ?? ""}`);
    };
    for (const { first: start, removed, added } of hunks) {
        const end = start + added.length;
        if (end < first || start > last + 1) continue;
        upTo(start);
        written.push(...removed.map((line) => `-${line}`), ...added.map((line) => `+${line}`));
        next = Math.max(next, end);
    }
    upTo(Math.min(lines.length, last + 1 + AROUND));
    return written.join("\n");
}
