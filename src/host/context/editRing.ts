/**
 * The regions that were changed last, over all documents: a region follows the text when lines are added or taken away above it, and
 * edits close together are one. Pure; lines are zero-based.
 */

import type { LineRange } from "../../context/blocks";

export interface Region extends LineRange {
    uri: string;
}

export interface LineChange {
    /** The lines that were replaced, both included, and how many there are now. */
    first: number;
    last: number;
    nLines: number;
}

/** Regions so many lines apart are the same piece of work. */
const MERGED_WITHIN = 5;
/** A region longer than this says only that a file was pasted or formatted. */
const MAX_LINES = 60;

export class EditRing {
    /** Newest last. */
    private regions: Region[] = [];

    constructor(private readonly capacity: number) {}

    record(uri: string, { first, last, nLines }: LineChange): void {
        const shift = nLines - (last - first + 1);
        const now: Region = { uri, first, last: first + nLines - 1 };
        const others: Region[] = [];
        for (const region of this.regions) {
            if (region.uri !== uri || region.last < first - MERGED_WITHIN) others.push(region);
            else if (region.first > last + MERGED_WITHIN)
                others.push({ uri, first: region.first + shift, last: region.last + shift });
            else {
                now.first = Math.min(now.first, region.first);
                now.last = Math.max(now.last, region.last + (region.last >= first ? shift : 0));
            }
        }
        if (now.last - now.first < MAX_LINES) others.push(now);
        this.regions = others.slice(-this.capacity);
    }

    /** A document has another name now; none: it is gone. */
    rename(from: string, to: string | undefined): void {
        this.regions = this.regions.flatMap((region) => {
            if (region.uri !== from) return [region];
            return to === undefined ? [] : [{ ...region, uri: to }];
        });
    }

    /** Newest first. */
    list(): readonly Region[] {
        return [...this.regions].reverse();
    }
}
