/**
 * From a path that a model wrote to a place in the workspace, and back. Nothing outside the workspace's folders is ever named, not by
 * `..`, not by an absolute path; links are the reader's to follow. Pure.
 */

import { AppError } from "../../base/errors";

export interface Folder {
    /** As a person knows it. */
    name: string;
    /** Absolute, `/` separated, without one at its end. */
    path: string;
}

/** Absolute paths that can be meant, the likeliest first. Throws AppError for a path that leads out. */
export function candidates(given: string, folders: readonly Folder[]): string[] {
    if (folders.length === 0)
        throw new AppError("user/usage", "No folder is open, so there are no files to look at");
    const path = given.trim().replaceAll("\\", "/");
    const outside = new AppError(
        "user/usage",
        `\`${given.slice(0, 200)}\` is not in the workspace; give a path relative to it`,
    );
    if (path.includes("\0") || path.startsWith("~")) throw outside;
    if (/^(\/|[a-z]:\/)/i.test(path)) {
        const whole = normal(path.replace(/^(?=[a-z]:)/i, "/"));
        const isInside = folders.some(
            (folder) => whole === folder.path || whole?.startsWith(`${folder.path}/`),
        );
        // Models write /src/a.ts for src/a.ts.
        const below = normal(path.replace(/^\/+/, ""));
        if (whole !== undefined && isInside) return [whole];
        if (below === undefined || /^[a-z]:/i.test(path)) throw outside;
        return folders.map((folder) => join(folder.path, below));
    }
    const relative = normal(path);
    if (relative === undefined) throw outside;
    const inNamed = folders.flatMap((folder) =>
        relative === folder.name || relative.startsWith(`${folder.name}/`)
            ? [join(folder.path, relative.slice(folder.name.length + 1))]
            : [],
    );
    return [...folders.map((folder) => join(folder.path, relative)), ...inNamed];
}

/** Without `.`, `..` and double slashes; undefined when it leads above its beginning. */
function normal(path: string): string | undefined {
    const parts: string[] = [];
    for (const part of path.split("/")) {
        if (part === "" || part === ".") continue;
        if (part !== "..") parts.push(part);
        else if (parts.pop() === undefined) return undefined;
    }
    return (path.startsWith("/") ? "/" : "") + parts.join("/");
}

function join(folder: string, rest: string): string {
    return rest === "" ? folder : `${folder}/${rest}`;
}
