/**
 * Which files git ignores, by the files that say so: `.gitignore` and `.ingotignore` from the repository's root down, the repository's
 * own `info/exclude` and the person's list. No git process: a keystroke asks. A file that is tracked although a rule names it counts as
 * ignored. Paths are absolute and `/` separated; reading is passed in.
 */

import ignore, { type Ignore } from "ignore";
import { folderOf } from "./imports";

/** The text of a small file, undefined when there is none. Never rejects. */
export type ReadText = (path: string) => Promise<string | undefined>;

export interface IgnoreOptions {
    read: ReadText;
    /** Whether there is a file or folder. */
    exists: (path: string) => Promise<boolean>;
    /** The person's home folder, where git keeps the list that holds everywhere. */
    home: string;
    /** Milliseconds. */
    now: () => number;
    /** No rule from above this folder holds; left out: those of its repository do. */
    top?: string | undefined;
}

/** `.ingotignore` has the last word in its folder. */
export const IGNORE_FILES: readonly string[] = [".gitignore", ".ingotignore"];
const MAX_DEPTH = 64;
/** Nothing is above a drive, and no rule may be asked about its name. */
const DRIVE = /^\/[a-z]:$/i;
/** Rules are read again after so long: what somebody ignores now must not be shown soon after. */
const KEPT_MS = 1000;

interface Folder {
    readMs: number;
    rules: Promise<Ignore | undefined>;
    /** Whether it is a repository's root. */
    isRoot: Promise<boolean>;
}

export class IgnoreRules {
    private readonly folders = new Map<string, Folder>();
    private everywhere: { readMs: number; rules: Promise<Ignore | undefined> } | undefined;

    constructor(private readonly options: IgnoreOptions) {}

    async isIgnored(path: string): Promise<boolean> {
        const chain = await this.chain(folderOf(path));
        const [root] = chain;
        if (root === undefined) return false;
        const rest = path.slice(root.length + 1).split("/");
        // What lies in an ignored folder is ignored, whatever is said further down.
        for (let n = 1; n <= rest.length; n++) {
            const part = `${root}/${rest.slice(0, n).join("/")}`;
            if (await this.isNamed(n < rest.length ? `${part}/` : part, chain)) return true;
        }
        return false;
    }

    /** The rules are read again at the next question, however soon. */
    changed(): void {
        this.folders.clear();
        this.everywhere = undefined;
    }

    /** The rules nearest to a path decide. */
    private async isNamed(path: string, chain: readonly string[]): Promise<boolean> {
        for (const folder of [...chain].reverse()) {
            if (!path.startsWith(`${folder}/`) || path === `${folder}/`) continue;
            const rules = await this.at(folder).rules;
            const result = rules?.test(path.slice(folder.length + 1));
            if (result?.ignored || result?.unignored) return result.ignored;
        }
        const [root = ""] = chain;
        const rules = await this.personal();
        return rules?.ignores(path.slice(root.length + 1)) ?? false;
    }

    /** The folders whose rules hold for a folder: from the repository's root (without one: the outermost folder) to it. */
    private async chain(folder: string): Promise<string[]> {
        const found: string[] = [];
        for (let at = folder; found.length < MAX_DEPTH; at = folderOf(at)) {
            found.unshift(at);
            const isTop = at === "" || DRIVE.test(at) || at === this.options.top;
            if (isTop || (await this.at(at).isRoot)) break;
        }
        return found;
    }

    private at(folder: string): Folder {
        const now = this.options.now();
        const known = this.folders.get(folder);
        if (known && now - known.readMs < KEPT_MS) return known;
        const { exists } = this.options;
        const isRoot = exists(`${folder}/.git`);
        const rules = this.readOwn(folder);
        const entry = { readMs: now, rules, isRoot };
        this.folders.set(folder, entry);
        return entry;
    }

    private async readOwn(folder: string): Promise<Ignore | undefined> {
        const own = await this.gitFolder(folder);
        return this.readRules([
            `${own}/info/exclude`,
            ...IGNORE_FILES.map((name) => `${folder}/${name}`),
        ]);
    }

    /** Where git keeps what holds for all work trees: in one of several, and in a submodule, `.git` is a file that says where. */
    private async gitFolder(folder: string): Promise<string> {
        const { read } = this.options;
        const link = /^gitdir: (.+?)\r?$/m.exec((await read(`${folder}/.git`)) ?? "")?.[1];
        if (!link) return `${folder}/.git`;
        const own = joined(folder, link);
        const common = (await read(`${own}/commondir`))?.trim();
        return common ? joined(own, common) : own;
    }

    private personal(): Promise<Ignore | undefined> {
        const now = this.options.now();
        if (!this.everywhere || now - this.everywhere.readMs >= KEPT_MS)
            this.everywhere = { readMs: now, rules: this.readPersonal() };
        return this.everywhere.rules;
    }

    private async readPersonal(): Promise<Ignore | undefined> {
        const { home, read } = this.options;
        const configs = [`${home}/.gitconfig`, `${home}/.config/git/config`];
        for (const config of await Promise.all(configs.map(read))) {
            const named = /^\s*excludesfile\s*=\s*"?([^"\n]+?)"?\s*$/im.exec(config ?? "")?.[1];
            if (named) return this.readRules([named.replace(/^~(?=\/)/, home)]);
        }
        return this.readRules([`${home}/.config/git/ignore`]);
    }

    private async readRules(paths: readonly string[]): Promise<Ignore | undefined> {
        const texts = await Promise.all(paths.map(this.options.read));
        const found = texts.filter((text) => text !== undefined);
        return found.length > 0 ? ignore().add(found.join("\n")) : undefined;
    }
}

/** An absolute path, from what git writes: `/` separated, absolute (a drive's as `C:/`) or from `folder`. */
function joined(folder: string, path: string): string {
    const whole = /^[a-z]:\//i.test(path) ? `/${path}` : path;
    const parts: string[] = [];
    for (const part of (whole.startsWith("/") ? whole : `${folder}/${whole}`).split("/")) {
        if (part === "..") parts.pop();
        else if (part !== "" && part !== ".") parts.push(part);
    }
    return `/${parts.join("/")}`;
}
