/** The file that code says it belongs to: a comment in its first line that is only a path, as models like to write it. Pure. */

export interface HintedCode {
    /** `/` separated, relative, without `..`; undefined: it names none. */
    path: string | undefined;
    /** The code without that line. */
    code: string;
}

const HINT =
    /^\s*(?:\/\/|#|--|;|\/\*|<!--)\s*(?:(?:file|filename|path)\s*:\s*)?`?((?:[\w@.-]+\/)*[\w@.-]+\.\w{1,8})`?\s*(?:\*\/|-->)?\s*$/i;

export function pathHint(code: string): HintedCode {
    const text = code.replace(/^\s*\n/, "");
    const end = text.indexOf("\n");
    const path = end < 0 ? undefined : HINT.exec(text.slice(0, end))?.[1];
    if (path === undefined || path.split("/").includes("..")) return { path: undefined, code };
    return { path: path.replace(/^(?:\.\/)+/, ""), code: text.slice(end + 1) };
}
