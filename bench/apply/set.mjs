// How the cases of a set are written: a file, then pieces of code by the lines that they replace or stand behind. Places are quoted, so
// that a mistake in a case is an error and not a figure.

/** A file with its cases. `text` begins and ends with a line break. */
export function file(path, languageId, text) {
    const lines = text.slice(1).split("\n");
    const at = (quoted) => {
        const wanted = quoted.split("\n");
        const found = [...lines.keys()].filter((start) =>
            wanted.every((line, i) => lines[start + i] === line),
        );
        if (found.length !== 1) throw new Error(`${path}: ${found.length} places: ${quoted}`);
        return { start: found[0], end: found[0] + wanted.length };
    };
    const cursorAt = (beginning) => {
        const found = lines.findIndex((line) => line.startsWith(beginning));
        if (found < 0) throw new Error(`${path}: no line begins with ${beginning}`);
        return found;
    };
    const made = (places, { code, cursor, now = code, orNow = now }) => ({
        path,
        languageId,
        lines,
        code,
        isReplace: places[0].start < places[0].end,
        cursor: cursorAt(cursor),
        wanted: places.flatMap(({ start, end }) =>
            [now, orNow].map((one) =>
                plain([...lines.slice(0, start), ...newLines(one), ...lines.slice(end)]),
            ),
        ),
    });
    return {
        /** `quoted`: all lines that the code comes instead of; `now`: what stands there then, where it is not the code as it is. */
        replaces: (quoted, given) => made([at(quoted)], given),
        /** `or`: other lines behind which it is as good. */
        behind: (quoted, given) =>
            made(
                [quoted, ...(given.or ?? [])].map((one) => ({
                    start: at(one).end,
                    end: at(one).end,
                })),
                given,
            ),
    };
}

/** What counts of a file: lines without indentation, none that are blank. */
export function plain(lines) {
    return lines
        .map((line) => line.trim().replace(/\s+/g, " "))
        .filter((line) => line !== "")
        .join("\n");
}

/** Of a search and replace block its second half. */
function newLines(code) {
    const half = /\n=======\n([^]*)\n>>>>>>> REPLACE$/.exec(code)?.[1];
    return (half ?? code).split("\n");
}
