// Tables of the quality bench, as text and as data. Pure.
import { textTable } from "../typing/report.mjs";
import { isClearlyWorse, pair, sum } from "./judge.mjs";

/** The order of the prompt that the model's card has; no other may lose against it. */
const REFERENCE = "documented";
const LABELS = {
    line: "rest of a line, empty so far",
    word: "rest of a line, at a word",
    inside: "rest of a line, inside a word",
    block: "block: its first line",
    span: "span: its first line",
    before: "in front of another file's symbol",
    behind: "behind another file's symbol",
    edit: "added where others were edited",
    diagnostic: "below or above an error",
    statement: "after a statement",
    brace: "after a closing brace",
    "whole-word": "inside a whole word",
    header: "in the file's header",
    imports: "after the imports",
    comment: "after a comment",
    blank: "blank line between parts",
};

/** Columns: `{ name, judgements }`, a judgement a case. `isLost`: a layout that the product may use lost against the documented one. */
export function holeReport({ columns, cases, kinds }) {
    const ofKind = (list, kind) => list.filter((_, i) => cases[i].kind === kind);
    const present = kinds.filter((kind) => cases.some((one) => one.kind === kind));
    const reference = columns.find(({ name }) => name === REFERENCE);
    const result = Object.fromEntries(
        columns.map(({ name, judgements }) => [
            name,
            Object.fromEntries(
                [...present, "all"].map((kind) => {
                    const own = (list) => (kind === "all" ? list : ofKind(list, kind));
                    const against = ({ judgements: others }) => pair(own(judgements), own(others));
                    const first = own(columns[0].judgements);
                    const figures = {
                        ...sum(own(judgements)),
                        againstFirst: against(columns[0]),
                        passAgainstFirst: pair(own(judgements), first, "passed"),
                    };
                    if (!reference) return [kind, figures];
                    return [kind, { ...figures, againstReference: against(reference) }];
                }),
            ),
        ]),
    );
    const cells = (kind, write) => columns.map(({ name }) => write(result[name][kind]));
    const row = (label, kind, field) => ({
        label: `${label} (${ofKind(cases, kind).length})`,
        cells: cells(kind, (figures) => figures[field].toFixed(3)),
    });
    const against = (kind, label = "", field = "againstFirst") => ({
        label: `  ${label}won, lost against ${columns[0].name}`,
        cells: cells(kind, ({ [field]: { won, lost } }) => `${won}, ${lost}`),
    });
    // Which tests were run depends on the cases only.
    const nRun = (kind) => result[columns[0].name][kind].run;
    const passRows = (kind, label) =>
        nRun(kind) === 0
            ? []
            : [
                  {
                      label: `${label}pass@1 (${nRun(kind)})`,
                      cells: cells(kind, ({ passed }) => passed.toFixed(3)),
                  },
                  against(kind, "pass@1: ", "passAgainstFirst"),
              ];
    const rows = present.flatMap((kind) => [
        row(LABELS[kind], kind, "line"),
        against(kind),
        ...passRows(kind, "  "),
        ...(kind === "block" || kind === "span" ? [row(`${kind}: all of it`, kind, "whole")] : []),
        ...(kind === "block" ? [row("block: no more lines than that", kind, "ended")] : []),
    ]);
    const head = { label: "exact", cells: columns.map(({ name }) => name) };
    const verdicts = reference ? verdictsOf(columns, result) : [];
    const text = [
        textTable([head, ...rows, ...passRows("all", "all of them: ")]),
        ...verdicts.map(({ sentence }) => sentence),
    ];
    const isLost = verdicts.some(({ isUsed, isLost }) => isUsed && isLost);
    return { text: text.join("\n"), result, isLost };
}

/** The product only uses layouts with healing; of the others it is only told. */
function verdictsOf(columns, result) {
    return columns
        .filter(({ name }) => name.startsWith("append") || name.startsWith(`${REFERENCE}+`))
        .map(({ name }) => {
            const lost = Object.entries(result[name]).filter(([, { againstReference }]) =>
                isClearlyWorse(againstReference),
            );
            const { won, lost: nLost } = result[name].all.againstReference;
            const where = lost.map(([kind]) => kind).join(", ");
            const verdict = lost.length > 0 ? `loses (${where})` : "does not lose";
            return {
                isUsed: name.endsWith("+"),
                isLost: lost.length > 0,
                sentence: `${name} ${verdict} against ${REFERENCE}: ${won} won, ${nLost} lost of all`,
            };
        });
}

/** A column for every threshold: silent where nothing belongs, showing at holes, and how much of what is shown there is right. */
export function silentReport({ columns, cases, silentKinds, holeKinds }) {
    const ofKinds = (list, kinds) => list.filter((_, i) => kinds.includes(cases[i].kind));
    const figuresOf = ({ judgements }) => {
        const holes = ofKinds(judgements, holeKinds);
        const shown = holes.filter((one) => one.shown);
        const silentOf = (kinds) => silentShare(ofKinds(judgements, kinds));
        return {
            silent: silentOf(silentKinds),
            silentByKind: byKind(silentKinds, (kind) => silentOf([kind])),
            showing: sum(holes).shown,
            showingByKind: byKind(holeKinds, (kind) => sum(ofKinds(judgements, [kind])).shown),
            rightOfShown: sum(shown).line,
            rightOfHoles: sum(holes).line,
        };
    };
    const result = columns.map((column) => ({ name: column.name, ...figuresOf(column) }));
    const count = (kinds) => cases.filter(({ kind }) => kinds.includes(kind)).length;
    const row = (label, kinds, read) => ({
        label: `${label} (${count(kinds)})`,
        cells: result.map((figures) => percent(read(figures))),
    });
    const rows = [
        { label: "%", cells: columns.map(({ name }) => name) },
        row("silent where nothing belongs", silentKinds, (f) => f.silent),
        ...silentKinds.map((kind) => row(`  ${LABELS[kind]}`, [kind], (f) => f.silentByKind[kind])),
        row("showing at holes", holeKinds, (f) => f.showing),
        ...holeKinds.map((kind) => row(`  ${LABELS[kind]}`, [kind], (f) => f.showingByKind[kind])),
        row("first line right, of all holes", holeKinds, (f) => f.rightOfHoles),
        row("first line right, of those shown", holeKinds, (f) => f.rightOfShown),
    ];
    return { text: textTable(rows), result, isLost: false };
}

function byKind(kinds, figure) {
    return Object.fromEntries(kinds.map((kind) => [kind, figure(kind)]));
}

function silentShare(judgements) {
    const { shown } = sum(judgements);
    return shown === null ? null : 1 - shown;
}

function percent(share) {
    return share === null ? "-" : (share * 100).toFixed(0);
}
