// Types of notices.mjs for the unit tests.
import type { Metafile } from "esbuild";

export interface Notice {
    name: string;
    about: string;
    text: string;
}

export function bundledFolders(metafiles: readonly Metafile[]): string[];
export function packageNotices(folder: string): Notice[];
export function mitNotice(name: string): Notice;
export function noticesText(notices: readonly Notice[]): string;
export function namesIn(text: string): Set<string>;
export function withoutNotice(files: readonly string[], text: string): string[];
