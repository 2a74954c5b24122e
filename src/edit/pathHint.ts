/**
 * The file that code says it belongs to: a comment in its first line that is only a path, as models like to write it, or the header of a
 * diff. Pure.
 */

import { diffPath } from "./diff";

export interface HintedCode {
    /** `/` separated, relative, without `..`; undefined: it names none. */
    path: string | undefined;
    /** The code without that line. */
    code: string;
    /** It can be nothing but a file: `Node.js`, `basket.total` and `v1.2` may be plain comments. */
    isCertain: boolean;
}

const HINT =
    /^\s*(?:\/\/|#|--|;|\/\*|<!--)\s*((?:file|filename|path)\s*:\s*)?`?((?:[\w@.-]+\/)*[\w@.-]+\.\w{1,8})`?\s*(?:\*\/|-->)?\s*$/i;

/** Endings of files that people ask for; names of products end with `.js` and begin with a capital letter. */
const FILE =
    /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|c|h|cc|cpp|hpp|cs|rb|php|swift|sh|sql|html?|s?css|vue|svelte|jsonc?|ya?ml|toml|md)$/i;
const PRODUCT = /^[A-Z]\w*\.js$/;

export function pathHint(code: string): HintedCode {
    const text = code.replace(/^\s*\n/, "");
    const end = text.indexOf("\n");
    const [, label, path] = (end < 0 ? null : HINT.exec(text.slice(0, end))) ?? [];
    if (path === undefined) return { path: pathInDiff(code), code, isCertain: false };
    if (isOutside(path)) return { path: undefined, code, isCertain: false };
    const isCertain =
        label !== undefined || path.includes("/") || (FILE.test(path) && !PRODUCT.test(path));
    return { path: path.replace(/^(?:\.\/)+/, ""), code: text.slice(end + 1), isCertain };
}

/** Models make those up more often than they know them. */
function pathInDiff(code: string): string | undefined {
    const path = diffPath(code);
    const isPath = path !== undefined && /^(?:[\w@.-]+\/)*[\w@.-]+$/.test(path);
    return isPath && !isOutside(path) ? path : undefined;
}

function isOutside(path: string): boolean {
    return path.split("/").includes("..");
}
