/** Types of changes.mjs. */

export interface Hunk {
    /** Zero-based, in the new file. */
    first: number;
    removed: string[];
    added: string[];
}

export interface Change {
    path: string;
    isNew: boolean;
    hunks: Hunk[];
}

export function git(repository: string, args: string[], env?: Record<string, string>): string;
export function commitsOf(repository: string): string[];
export function changesIn(repository: string, commit: string): Change[];
export function readDiff(text: string): Change[];
export function lineChangeOf(hunk: Hunk): { first: number; last: number; nLines: number };
