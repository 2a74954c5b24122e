// Code that is broken around a hole, as it is while somebody types; and texts that do not belong into one. Pure.

/** The hole's surroundings: nothing below, little below, a closer above taken away, an opened bracket above. */
export function brokenAround({ before, after }) {
    const near = before.slice(0, -200);
    const closer = near.lastIndexOf("}");
    const opener = before.lastIndexOf("(");
    return [
        { before, after: "\n" },
        { before, after: after.split("\n").slice(0, 3).join("\n") },
        ...(closer > 0
            ? [{ before: before.slice(0, closer) + before.slice(closer + 1), after }]
            : []),
        ...(opener > 0
            ? [{ before: `${before.slice(0, opener + 1)}\n${before.slice(opener + 1)}`, after }]
            : []),
    ];
}

/** The true text with something that breaks it: a bracket too many, prose, itself once more, a bracket too few. */
export function wrongTexts({ truth }) {
    const closer = truth.search(/[)\]}]/);
    return {
        paren: `${truth})`,
        brace: `${truth}\n}`,
        prose: `Here is the code that you want:\n${truth}`,
        twice: `${truth} ${truth.trim()}`,
        ...(closer < 0 ? {} : { drop: truth.slice(0, closer) + truth.slice(closer + 1) }),
    };
}
