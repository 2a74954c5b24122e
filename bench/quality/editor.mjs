// The part of the quality bench about what only an editor knows (--editor): the cases, and for each the pieces that every column shows.
import { fileURLToPath } from "node:url";
import { cutDiagnosed } from "./diagnosed.mjs";
import { loadProduct } from "./editorPieces.mjs";
import { cutEdits } from "./edits.mjs";
import { interleaved } from "./holes.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

export const EDITOR_KINDS = ["edit", "diagnostic"];
/** Of each case: everything, its own kind of pieces left out, nothing; with `isEach` also only that kind, edits in front of all others and only of imports, edits as diffs. */
const LABELS = ["all", "without it", "no context"];
const EACH_LABELS = ["it alone", "edits first", "edits before imports", "edits as diffs"];

export function editorLabels(isEach) {
    return isEach ? [...LABELS, ...EACH_LABELS] : LABELS;
}

/** Each with its settings by column, in the order of the labels. `kinds`: those that are wanted; `maxPieceTokens`: of the pieces together. */
export async function editorCases({ kinds, nHoles, seed, maxPieceTokens, history = root, isEach }) {
    const product = await loadProduct();
    const cutters = {
        edit: () => cutEdits(product, history, nHoles, seed),
        diagnostic: () => cutDiagnosed(product, { project: root, below: "src" }, nHoles, seed),
    };
    const holes = [];
    for (const kind of kinds) holes.push(...(await cutters[kind]()));
    return interleaved(holes).map(({ pieces, diffs = pieces, ...hole }) => {
        const shows = (snippets) => ({ maxPieceTokens, snippets });
        const changes = (snippets) => ({ ...shows(snippets), needs: hole.kind });
        const own = pieces.filter(({ kind }) => kind === hole.kind);
        const others = pieces.filter(({ kind }) => kind !== hole.kind);
        const variants = [shows(pieces), changes(others), { maxPieceTokens: 0, snippets: [] }];
        if (isEach) {
            const isFront = ({ kind }) => kind === "definition";
            const front = others.filter(isFront);
            const back = others.filter((piece) => !isFront(piece));
            const ordered = (...parts) => shows(hole.kind === "edit" ? parts.flat() : pieces);
            variants.push(shows(own), ordered(own, others), ordered(front, own, back));
            variants.push(changes(diffs));
        }
        return { ...hole, variants, trigger: "manual", settings: { maxLines: 1 } };
    });
}

/** In how many prompts with everything a piece of the case's own kind stood: the others say nothing of it. */
export function shownNote(cases, answers) {
    const all = LABELS.indexOf("all");
    return EDITOR_KINDS.flatMap((kind) => {
        const own = answers.filter((_, i) => cases[i].kind === kind);
        const shown = own.filter((row) => row[all].pieces?.includes(kind));
        return own.length === 0 ? [] : [`${kind}: in ${shown.length} of ${own.length} prompts`];
    });
}
