// Compares answers with what was cut out, and engines with each other. Pure. Spaces at line ends do not count.

/** `text`: what was suggested for the hole, undefined for nothing. */
export function judge({ truth }, text) {
    if (text === undefined) return { shown: false, line: false, whole: false, ended: false };
    const wanted = lines(truth);
    const got = lines(text);
    return {
        shown: true,
        /** The rest of the cursor's line is right. */
        line: got[0] === wanted[0],
        /** All of it is right, and nothing more was said. */
        whole: got.length === wanted.length && got.every((line, i) => line === wanted[i]),
        /** It said no more lines than were missing. */
        ended: got.length <= wanted.length,
    };
}

/** Shares of a list of judgements; `passed` of those whose test was run (`run`). */
export function sum(judgements) {
    const shareOf = (list, field) =>
        list.length === 0 ? null : list.filter((one) => one[field]).length / list.length;
    const share = (field) => shareOf(judgements, field);
    const run = judgements.filter(({ passed }) => passed !== undefined);
    return {
        holes: judgements.length,
        shown: share("shown"),
        line: share("line"),
        whole: share("whole"),
        ended: share("ended"),
        run: run.length,
        passed: shareOf(run, "passed"),
    };
}

/** Holes whose line (or another `field`) one engine has right and the other not. */
export function pair(judgements, others, field = "line") {
    const differs = (a, b) => a.filter((one, i) => one[field] && !b[i][field]).length;
    return { won: differs(judgements, others), lost: differs(others, judgements) };
}

/** Whether so few won and so many lost is chance in about one of 40 cases at most: by two standard deviations of the difference. */
export function isClearlyWorse({ won, lost }) {
    return lost - won > 2 * Math.sqrt(won + lost);
}

function lines(text) {
    const all = text.split("\n").map((line) => line.trimEnd());
    while (all.length > 1 && all.at(-1) === "") all.pop();
    return all;
}
