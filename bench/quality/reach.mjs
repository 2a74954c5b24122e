// How far pieces reach, without asking a model: of the names in a hole's text that the window around it lacks, whether all stand in the pieces that are in the
// prompt. By the product's own choice of pieces and the model's tokenizer. It says what could help, not what does.
import { loadModules } from "../support/modules.mjs";
import { loadModel } from "../support/native.mjs";
import { textTable } from "../typing/report.mjs";
import { pair } from "./judge.mjs";

const MODULES = [
    "context/bounded",
    "prompt/budget",
    "prompt/context",
    "prompt/families",
    "prompt/pieces",
];
const NAME = /[\p{L}_$][\p{L}\p{N}_$]{2,}/gu;

/** Most tokens of the windows, as src/engine/promptComposer.ts has them. */
const suffixOf = (maxPrefixTokens) => maxPrefixTokens >> 2;

/** A function from a case and settings of it to the pieces in its prompt. */
export async function chooser(model, maxPrefixTokens) {
    const product = await loadModules(MODULES);
    const native = await loadModel(model);
    const fim = product.resolveFim({
        tokenizeSpecial: (text) => native.tokenize(text, { parseSpecial: true }),
        piece: (token) => native.piece(token),
        fimPrefixHint: native.info.special.fimPrefix,
    });
    if (!fim.repository) throw new Error(`this model completes no code: ${fim.reason}`);
    const nTokens = (text) => native.tokenize(text).length;
    return ({ path, languageId, before, after }, { snippets, maxPieceTokens }) => {
        const prefix = product.prefixWindow(before, maxPrefixTokens, nTokens).text;
        const suffix = product.suffixWindow(after, suffixOf(maxPrefixTokens), nTokens);
        const lengths = new Map();
        const count = (piece) => {
            const known =
                lengths.get(piece) ??
                product.blockTokens(piece, languageId, fim.repository, native).length;
            lengths.set(piece, known);
            return known;
        };
        const wanted = product.bounded(snippets);
        const window = { path, prefix, suffix };
        const maxTokens = maxPieceTokens;
        const pieces = product.choosePieces({ wanted, pinned: [], maxTokens, count, window });
        return { pieces, window: prefix + suffix };
    };
}

/** Undefined where the window has all the names; else whether the pieces have those that it lacks. */
export function isReached(truth, window, pieces) {
    const near = new Set(window.match(NAME));
    const lacking = (truth.match(NAME) ?? []).filter((name) => !near.has(name));
    if (lacking.length === 0) return undefined;
    const found = new Set(pieces.flatMap(({ text }) => text.match(NAME) ?? []));
    return lacking.every((name) => found.has(name));
}

/** A table for each of the numbers of tokens that pieces may take; the cases' variants are in the order of `labels`. */
export function reachReport({ cases, labels, kinds, sizes, choose }) {
    const tables = sizes.map((size) => {
        const rows = kinds.flatMap((kind) => {
            const own = cases.filter((one) => one.kind === kind);
            const shown = labels.map(() => 0);
            const columns = labels.map(() => []);
            for (const one of own)
                one.variants.forEach((variant, v) => {
                    const maxPieceTokens = Math.min(size, variant.maxPieceTokens);
                    const { pieces, window } = choose(one, { ...variant, maxPieceTokens });
                    if (pieces.some((piece) => piece.kind === kind)) shown[v]++;
                    const reached = isReached(one.truth, window, pieces);
                    if (reached !== undefined) columns[v].push({ line: reached });
                });
            const against = columns.map((column) => pair(column, columns[0]));
            return own.length === 0
                ? []
                : [
                      {
                          label: `${kind}: names reached, of ${columns[0].length}`,
                          cells: columns.map((c) => `${c.filter(({ line }) => line).length}`),
                      },
                      {
                          label: `  won, lost against ${labels[0]}`,
                          cells: against.map(({ won, lost }) => `${won}, ${lost}`),
                      },
                      {
                          label: `  such a piece in the prompt, of ${own.length}`,
                          cells: shown.map(String),
                      },
                  ];
        });
        return textTable([{ label: `${size} tokens`, cells: labels }, ...rows]);
    });
    return tables.join("\n\n");
}
