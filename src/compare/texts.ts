/** Which files of a project stand for its code, when nobody names a text: from all over it, the same ones every time. Pure. */

export interface TextCandidate {
    path: string;
    /** Within the project. */
    name: string;
    bytes: number;
}

export interface ChosenText {
    files: string[];
    bytes: number;
    /** For people: `12 of 340 code files of basket`. */
    label: string;
}

/** Tokens of code have three to four bytes; a text that is too short gives fewer chunks than were asked for. */
const BYTES_PER_TOKEN = 5;
/** One file may not be all of the text. */
const MAX_SHARE = 0.25;

export function bytesFor(chunks: number, contextTokens: number): number {
    return chunks * contextTokens * BYTES_PER_TOKEN;
}

/** In the order of their names. Large files come last. `project`: its name, for the label. */
export function chooseText(
    candidates: readonly TextCandidate[],
    wantedBytes: number,
    project: string,
): ChosenText {
    const mixed = [...candidates].sort((a, b) => orderOf(a.name) - orderOf(b.name));
    const usual = mixed.filter(({ bytes }) => bytes <= wantedBytes * MAX_SHARE);
    const large = mixed.filter(({ bytes }) => bytes > wantedBytes * MAX_SHARE);
    const chosen: TextCandidate[] = [];
    let bytes = 0;
    for (const candidate of [...usual, ...large]) {
        if (bytes >= wantedBytes) break;
        chosen.push(candidate);
        bytes += candidate.bytes;
    }
    chosen.sort((a, b) => (a.name < b.name ? -1 : 1));
    const of = chosen.length === candidates.length ? "all" : `${chosen.length} of`;
    const s = candidates.length === 1 ? "" : "s";
    return {
        files: chosen.map(({ path }) => path),
        bytes,
        label: `${of} ${candidates.length} code file${s} of ${project}`,
    };
}

/** A number that says nothing of the name: neighbours in a folder end up far from each other. */
function orderOf(name: string): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < name.length; i++)
        hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
    return hash;
}
