/** Types of silent.mjs. */

import type { Source } from "./holes.mjs";

export interface SilentCase {
    kind: "statement" | "brace" | "whole-word" | "header" | "imports" | "comment" | "blank";
    path: string;
    languageId: string;
    before: string;
    truth: "";
    after: string;
}

export const SILENT_KINDS: SilentCase["kind"][];
export function cutSilent(sources: readonly Source[], nCases: number, seed: number): SilentCase[];
export function placesOf(
    kind: SilentCase["kind"],
    lines: readonly string[],
    languageId: string,
): { line: number; column: number }[];
