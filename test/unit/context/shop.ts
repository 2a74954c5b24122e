// A file with a class, for tests of what of a file is one piece.

export const SHOP = `import { Tea } from "./tea";

/** Sells. */
@sealed
export class Shop {
    private readonly teas: Tea[] = [];

    /** The cheapest. */
    cheapest(
        within: number,
    ): Tea | undefined {
        const found = this.teas.filter((tea) => tea.price < within);
        return found[0];
    }

    get size(): number {
        return this.teas.length;
    }
}

export const LIMIT = 3;
`.split("\n");
/** Zero-based line that holds a text. */
export const at = (text: string) => SHOP.findIndex((line) => line.includes(text));
