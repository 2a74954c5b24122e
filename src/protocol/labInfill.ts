/** How well a model fills holes of somebody's own code, measured by a worker: parameters and results. */

import type { FimLayoutName } from "./completion";
import type { Estimate, TextFile } from "./lab";

export interface InfillParams {
    model: string;
    /** Source files; what is no code is passed over. */
    texts: readonly TextFile[];
    /** At most so many; 100 when left out. */
    holes?: number | undefined;
    /** Order of the prompt; the one that completions begin with when left out. */
    layout?: FimLayoutName | undefined;
    threads?: number | undefined;
}

/** `line`: the rest of a line, from a word of it on; `lines`: a few whole lines that are complete statements. */
export type HoleKind = "line" | "lines";

export interface InfillScore {
    nHoles: number;
    /** Filled with exactly what stood there, white space at line ends aside. */
    nExact: number;
    exact: Estimate;
    /** 1 less the edits from the answer to what stood there, over the longer one's length; the mean. */
    similarity: Estimate;
}

export interface InfillResult extends InfillScore {
    kinds: (InfillScore & { kind: HoleKind })[];
    /** Files with holes. */
    nFiles: number;
    family: string;
    layout: FimLayoutName;
    seconds: number;
}
