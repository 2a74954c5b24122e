/** Types of holes.mjs. */

export interface Source {
    path: string;
    languageId: string;
    text: string;
}

export interface Hole {
    kind: "line" | "word" | "inside" | "block" | "span";
    path: string;
    languageId: string;
    before: string;
    truth: string;
    after: string;
}

/** Language ids by extension, dot included. */
export const LANGUAGES: Readonly<Record<string, string>>;
export const KINDS: Hole["kind"][];
export const LINE_KINDS: Hole["kind"][];
export function readSources(folders: readonly string[]): Source[];
export function interleaved<T extends { kind: string }>(cases: readonly T[]): T[];
export function cutHoles(sources: readonly Source[], nHoles: number, seed: number): Hole[];
