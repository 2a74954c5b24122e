// Types of start.mjs for the unit tests.
import type { Metafile, Plugin } from "esbuild";

export function loadedWith(metafile: Metafile, entry: string): string[];
export function creptIn(metafile: Metafile, outputs: readonly string[]): string[];
export const partsOnStart: Plugin;
export const writeCommonJs: Plugin;
