/** The items of a list in code. Pure. */

/** Parted at commas that stand in no brackets; an empty one at the end is none. */
export function splitList(text: string): string[] {
    const items: string[] = [];
    let depth = 0;
    let item = "";
    for (const [i, character] of [...text].entries()) {
        const isArrow = character === ">" && /[=-]/.test(text.charAt(i - 1));
        if ("([{<".includes(character)) depth++;
        else if (")]}>".includes(character) && !isArrow) depth--;
        if (character === "," && depth === 0) {
            items.push(item.trim());
            item = "";
        } else item += character;
    }
    return item.trim() === "" ? items : [...items, item.trim()];
}
