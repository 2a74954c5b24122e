// Questions whose answer is known: the first sentence of a comment above a function, class or type asks for what it stands above. The
// comments that ask are taken out of the text, so that nothing is found by its own words. Pure.

const MIN_WORDS = 4;
const KINDS = new Set(["function", "method", "class", "interface", "type", "enum"]);

/** @typedef {{ path: string, question: string, first: number, last: number, name: string, comment: [number, number] }} Target */

/**
 * Every symbol with a comment of its own in a file.
 * @param {string} path @param {readonly string[]} lines
 * @param {readonly { name: string, kind: string, first: number, last: number }[]} symbols
 * @returns {Target[]}
 */
export function targetsIn(path, lines, symbols) {
    const found = [];
    for (const { name, kind, first, last } of symbols) {
        if (!KINDS.has(kind)) continue;
        const begin = commentAbove(lines, first);
        if (begin === first) continue;
        const question = firstSentence(lines.slice(begin, first));
        if (question.split(/\s+/).length < MIN_WORDS) continue;
        found.push({ path, question, first, last, name, comment: [begin, first - 1] });
    }
    return found;
}

/**
 * At most `n` whose questions are asked by one symbol only, spread evenly over all.
 * @param {readonly Target[]} targets @param {number} n
 */
export function chooseTargets(targets, n) {
    const count = new Map();
    for (const { question } of targets) count.set(question, (count.get(question) ?? 0) + 1);
    const unique = targets.filter(({ question }) => count.get(question) === 1);
    const step = Math.max(1, unique.length / n);
    return Array.from(
        { length: Math.min(n, unique.length) },
        (_, i) => unique[Math.floor(i * step)],
    );
}

/** The same lines with those comments empty. @param {readonly string[]} lines @param {readonly Target[]} targets */
export function withoutComments(lines, targets) {
    const left = [...lines];
    for (const { comment } of targets)
        for (let at = comment[0]; at <= comment[1]; at++) left[at] = "";
    return left;
}

function commentAbove(lines, first) {
    let at = first;
    while (at > 0 && /^\s*(?:\/\/|\/\*|\*|#(?!!))/.test(lines[at - 1])) at--;
    return at;
}

function firstSentence(lines) {
    const text = lines
        .map((line) =>
            line.replace(/^\s*(?:\/\/+|\/\*+|\*+\/?|#+)\s?/, "").replace(/\*+\/\s*$/, ""),
        )
        .join(" ")
        .replace(/\s@\w+.*$/s, "")
        .replace(/\s+/g, " ")
        .trim();
    return (/^.*?[.!?:](?=\s|$)/.exec(text)?.[0] ?? text).replace(/[.:]$/, "").trim();
}
