/**
 * The patterns of settings such as `files.exclude`: `**\/` and `*` as everywhere, `{a,b}` for several, and what names a folder holds for
 * all in it. A pattern without `/` matches in every folder, also where VS Code would only look at the top: less is read, never more. Pure.
 */

import ignore, { type Ignore } from "ignore";

/** Patterns and whether they are on, as VS Code's own settings have them. */
export type GlobSwitches = Readonly<Record<string, unknown>>;

const MAX_ALTERNATIVES = 64;

export class Globs {
    private readonly rules: Ignore;

    /** Only entries that are `true` count: `{ "when": ... }` hides a file for its looks, not for what is in it. */
    constructor(switches: readonly GlobSwitches[]) {
        const on = switches.flatMap((one) => Object.entries(one).filter(([, is]) => is === true));
        const patterns = on.flatMap(([pattern]) => alternatives(pattern));
        this.rules = ignore().add(patterns.map(escaped));
    }

    /** `path`: relative to the folder that the settings are for. */
    matches(path: string): boolean {
        return path !== "" && ignore.isPathValid(path) && this.rules.ignores(path);
    }
}

/** `a.{b,c}` is `a.b` and `a.c`. */
export function alternatives(pattern: string): string[] {
    const found = [pattern];
    for (let at = 0; at < found.length && found.length < MAX_ALTERNATIVES;) {
        const match = /\{([^{}]*)\}/.exec(found[at] ?? "");
        if (!match) {
            at++;
            continue;
        }
        const [whole, inside = ""] = match;
        const one = found[at] ?? "";
        const before = one.slice(0, match.index);
        const after = one.slice(match.index + whole.length);
        found.splice(at, 1, ...inside.split(",").map((part) => before + part + after));
    }
    return [...new Set(found)];
}

/** What would mean something else in an ignore file. */
function escaped(pattern: string): string {
    return pattern.trim().replace(/^(?=[!#])/, "\\");
}
