/**
 * Which files of a project's folder may be shown to a model, and their text: by the rules of the extension, without an editor's settings.
 * INVARIANT: nothing of an ignored or secret file leaves here, nor of one outside of the folder, also not through a link.
 */

import { readdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve, sep } from "node:path";
import { isSecretFile } from "../completion/gates";
import { IgnoreRules, type IgnoreOptions } from "../context/ignoreRules";
import { decodeSource, isMadeByTools, MAX_SOURCE_BYTES } from "../context/sourceText";
import { isThere, readBeginning, readBytes } from "../node/boundedFile";

const MAX_RULE_BYTES = 200_000;
/** A name that no rule means. */
const ANY_FILE = "ingot-any-file";

/** Nobody's own text, also where no rule says so. */
const LEFT_OUT: readonly string[] = [".git", ".hg", ".svn", "node_modules"];

const READING: IgnoreOptions = {
    read: (path) => readBeginning(native(path), MAX_RULE_BYTES),
    exists: (path) => isThere(native(path)),
    home: slashed(homedir()),
    now: () => performance.now(),
};

export class FolderFiles {
    private readonly real: Promise<string | undefined>;
    private readonly rules: Promise<IgnoreRules>;

    /** `folder`: absolute. */
    constructor(folder: string) {
        this.real = realpath(folder).catch(() => undefined);
        this.rules = this.real.then((real) => rulesIn(slashed(real ?? folder)));
        // Told by `read`, which shows nothing then; nobody may ask before that.
        this.rules.catch(() => undefined);
    }

    /** The text, lines ended by `\n`; undefined when it may not be shown, is not there, too large or no text. Never rejects. */
    async read(path: string): Promise<string | undefined> {
        const folder = await this.real;
        if (folder === undefined || isMadeByTools(path)) return undefined;
        try {
            const named = resolve(folder, path);
            const file = await realpath(named);
            for (const one of new Set([named, file]))
                if (!(await this.mayShow(folder, one))) return undefined;
            const found = await stat(file);
            if (!found.isFile() || found.size > MAX_SOURCE_BYTES) return undefined;
            return decodeSource(await readBytes(file, MAX_SOURCE_BYTES))?.join("\n");
        } catch {
            return undefined;
        }
    }

    /** Whether files of a folder may be read, as far as its own name decides that. `path`: within the project. */
    async mayEnter(path: string): Promise<boolean> {
        const folder = await this.real;
        if (folder === undefined) return false;
        const probe = slashed(resolve(folder, path, ANY_FILE));
        return !(await (await this.rules).isIgnored(probe));
    }

    /** Paths (`/` separated) of all files that `read` shows, in order; what is linked to is not gone into. */
    async list(): Promise<string[]> {
        const folder = await this.real;
        return folder === undefined ? [] : this.listIn(folder, "");
    }

    private async listIn(folder: string, place: string): Promise<string[]> {
        const entries = await readdir(resolve(folder, place), { withFileTypes: true }).catch(
            () => [],
        );
        const found: string[] = [];
        for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
            const path = place === "" ? entry.name : `${place}/${entry.name}`;
            if (entry.isDirectory()) {
                if (!LEFT_OUT.includes(entry.name) && (await this.mayEnter(path)))
                    found.push(...(await this.listIn(folder, path)));
            } else if (entry.isFile() && (await this.read(path)) !== undefined) found.push(path);
        }
        return found;
    }

    private async mayShow(folder: string, file: string): Promise<boolean> {
        const isInside = file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
        if (!isInside || isSecretFile(file)) return false;
        return !(await (await this.rules).isIgnored(slashed(file)));
    }
}

/** Who names a folder that is ignored as a whole, such as an installed package, means it: only rules inside of it hold. */
async function rulesIn(folder: string): Promise<IgnoreRules> {
    const all = new IgnoreRules(READING);
    const isIgnored = await all.isIgnored(`${folder}/${ANY_FILE}`);
    return isIgnored ? new IgnoreRules({ ...READING, top: folder }) : all;
}

/** As the rules have paths: a drive's as `/C:/`. */
function slashed(path: string): string {
    return sep === "/" ? path : `/${path.replaceAll(sep, "/")}`;
}

function native(path: string): string {
    // git names its lists without the slash.
    return sep === "/" ? path : path.replace(/^\/(?=[a-z]:)/i, "");
}
