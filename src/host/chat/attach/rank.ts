/** Which names fit what was typed behind `#`, best first. Pure. */

/** Higher is better; undefined: does not fit. Letters must come in order; the name itself counts more than its folders. */
export function score(query: string, path: string): number | undefined {
    const wanted = query.toLowerCase();
    const whole = path.toLowerCase();
    const name = whole.slice(whole.lastIndexOf("/") + 1);
    if (wanted === "") return 0;
    if (name === wanted) return 1000;
    if (name.startsWith(wanted)) return 900 - name.length;
    const inside = name.indexOf(wanted);
    if (inside >= 0) return 700 - inside - name.length / 10;
    if (whole.includes(wanted)) return 500 - whole.length / 10;
    const gaps = gapsOf(wanted, whole);
    return gaps === undefined ? undefined : 300 - gaps - whole.length / 10;
}

/** At most `n`, best first; equal ones in the order given. */
export function best<T>(
    query: string,
    items: readonly T[],
    pathOf: (item: T) => string,
    n: number,
): T[] {
    return items
        .flatMap((item) => {
            const points = score(query, pathOf(item));
            return points === undefined ? [] : [{ item, points }];
        })
        .sort((a, b) => b.points - a.points)
        .slice(0, n)
        .map(({ item }) => item);
}

/** How many letters stand between those of the query; undefined when they do not come in order. */
function gapsOf(wanted: string, text: string): number | undefined {
    let at = -1;
    let gaps = 0;
    for (const letter of wanted) {
        const next = text.indexOf(letter, at + 1);
        if (next < 0) return undefined;
        if (at >= 0) gaps += next - at - 1;
        at = next;
    }
    return gaps;
}
