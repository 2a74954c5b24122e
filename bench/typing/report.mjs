// The tables that the typing bench prints: one row a figure, one column an engine.

/** Label, path into the metrics, how it is written. */
const ROWS = [
    ["ghost text within 100 ms", "visible.100", percent],
    ["ghost text within 250 ms", "visible.250", percent],
    ["ghost text within 500 ms", "visible.500", percent],
    ["ghost text within 1000 ms", "visible.1000", percent],
    ["within 250 ms once warm", "visibleWarm.250", percent],
    ["new ghost text p50 ms", "latency.p50", whole],
    ["new ghost text p90 ms", "latency.p90", whole],
    ["new ghost text p95 ms", "latency.p95", whole],
    ["all keystrokes p50 ms (- : nothing)", "allKeys.p50", whole],
    ["first ghost text at keystroke", "firstGhost", whole],
    ["at line starts: shown", "lineStarts.shown", percent],
    ["at line starts: p50 ms", "lineStarts.p50", whole],
    ["at pauses: shown", "pauses.shown", percent],
    ["at pauses: p50 ms", "pauses.p50", whole],
    ["at stops: shown", "stops.shownShare", percent],
    ["at stops: ghost text p50 ms", "stops.shown.p50", whole],
    ["at stops: ghost text p90 ms", "stops.shown.p90", whole],
    ["at stops: any answer p50 ms", "stops.answered.p50", whole],
    ["at stops: line exact", "stops.em", percent],
    ["survived typing on", "carried", percent],
    ["of these changed or removed", "flicker", percent],
    ["answer from the cache p50 ms", "typeThrough.p50", tenth],
    ["line exact, of ghost texts", "quality.emLine", percent],
    ["line exact, of keystrokes in a line", "quality.emPerMidKey", percent],
    ["keystrokes saved", "accepted.keysSavedShare", percent],
    ["acceptances", "accepted.count", whole],
    ["characters accepted", "accepted.characters", whole],
    ["of them kept", "accepted.keptShare", percent],
    ["requests", "requests", whole],
    ["answered", "answered", whole],
    ["superseded", "superseded", whole],
    ["without text", "empty", whole],
    ["model call p50 ms", "callMs.p50", whole],
    ["model call p90 ms", "callMs.p90", whole],
    ["prompt tokens per call", "tokens.promptPerCompletion", whole],
    ["prompt tokens per keystroke", "tokens.perKey.prompt", tenth],
    ["generated tokens per keystroke", "tokens.perKey.generated", tenth],
    ["tokens of the chat beside", "chatTokens", whole],
    ["CPU s per 100 keystrokes", "cpuSPer100Keys", tenth],
    ["engine CPU s", "engineCpuS", tenth],
    ["machine busy s", "machineBusyS", tenth],
    ["peak resident MB", "peakRssMb", whole],
    ["late events of the bench", "late.events", whole],
];

/** `columns`: engine name to metrics. Rows that no engine has are left out. */
export function table(columns) {
    const names = Object.keys(columns);
    const rows = ROWS.map(([label, path, write]) => {
        const values = names.map((name) => at(columns[name], path));
        return {
            label,
            cells: values.map((value) => (typeof value === "number" ? write(value) : "-")),
        };
    }).filter(({ cells }) => cells.some((cell) => cell !== "-"));
    return textTable([{ label: "", cells: names }, ...rows]);
}

/** Rows `{ label, cells }` in columns of equal width. */
export function textTable(rows) {
    const labelWidth = Math.max(...rows.map(({ label }) => label.length));
    const widths = rows[0].cells.map((_, i) =>
        Math.max(...rows.map(({ cells }) => cells[i].length)),
    );
    return rows
        .map(({ label, cells }) =>
            [label.padEnd(labelWidth), ...cells.map((cell, i) => cell.padStart(widths[i]))]
                .join("  ")
                .trimEnd(),
        )
        .join("\n");
}

function at(value, path) {
    return path.split(".").reduce((inner, name) => inner?.[name], value);
}

function percent(value) {
    return `${(value * 100).toFixed(1)} %`;
}

function whole(value) {
    return value.toFixed(0);
}

function tenth(value) {
    return value.toFixed(1);
}
