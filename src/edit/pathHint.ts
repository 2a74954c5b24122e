/** The file that code says it belongs to: a comment in its first line that is only a path, as models like to write it. Pure. */

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
    if (path === undefined || path.split("/").includes(".."))
        return { path: undefined, code, isCertain: false };
    const isCertain =
        label !== undefined || path.includes("/") || (FILE.test(path) && !PRODUCT.test(path));
    return { path: path.replace(/^(?:\.\/)+/, ""), code: text.slice(end + 1), isCertain };
}
