/**
 * Models that other tools have put on this computer, usable where they are: no copy, nothing written. Every file is judged by its header; what
 * cannot be used is listed with the reason. The same file under two names counts once.
 */

import { realpath } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import type { OtherPurpose } from "../gguf/purpose";
import { readHeader } from "./header";
import { isNoModelName, withoutLaterParts } from "./ggufNames";
import { repoOfFolder } from "./hubCache";
import { findOllamaModels } from "./ollama";
import { knownPlaces, type FoundOrigin, type Place, type PlaceOptions } from "./places";
import { findGgufFiles } from "./walk";

export interface FoundModel {
    /** Unique in the list: the file's name without its ending, Ollama's name, or with its owner in front. */
    name: string;
    /** Absolute path; the first one of a split model. */
    path: string;
    /** Of all parts. */
    sizeBytes: number;
    origin: FoundOrigin;
    /** Repository, of files in the Hub cache. */
    repo?: string | undefined;
    fileType?: string | undefined;
    architecture?: string | undefined;
    purpose?: OtherPurpose | undefined;
    comparesTexts?: boolean | undefined;
}

export interface SkippedFile {
    path: string;
    reason: string;
}

export interface Findings {
    models: FoundModel[];
    skipped: SkippedFile[];
}

interface Candidate {
    name: string;
    /** For a second model of that name. */
    longName: string;
    path: string;
    origin: FoundOrigin;
    repo?: string | undefined;
}

/** Headers are megabytes: not all at once. */
const MAX_AT_ONCE = 4;

/** `taken`: real paths and names that are listed already. */
export async function findModels(
    options: PlaceOptions = {},
    taken: { paths?: ReadonlySet<string>; names?: ReadonlySet<string> } = {},
): Promise<Findings> {
    const skipped: SkippedFile[] = [];
    const candidates: Candidate[] = [];
    for (const place of await knownPlaces(options))
        candidates.push(...(await candidatesOf(place, skipped)));
    const models: FoundModel[] = [];
    const paths = new Set(taken.paths);
    const names = new Set(taken.names);
    const fresh: Candidate[] = [];
    for (const candidate of candidates) {
        const real = await realpath(candidate.path).catch(() => undefined);
        if (real === undefined || paths.has(real)) continue;
        paths.add(real);
        fresh.push(candidate);
    }
    for (let at = 0; at < fresh.length; at += MAX_AT_ONCE) {
        const some = fresh.slice(at, at + MAX_AT_ONCE);
        const headers = await Promise.all(some.map(({ path }) => readHeader(path, true)));
        some.forEach(({ longName, ...candidate }, i) => {
            const header = headers[i];
            if (!header) return;
            const { sizeBytes, fileType, architecture, purpose, comparesTexts, problem } = header;
            if (problem !== undefined) {
                skipped.push({ path: candidate.path, reason: problem });
                return;
            }
            const name =
                [candidate.name, longName].find((one) => !names.has(one)) ?? candidate.path;
            names.add(name);
            const facts = { sizeBytes, fileType, architecture, purpose, comparesTexts };
            models.push({ ...candidate, name, ...facts });
        });
    }
    return { models, skipped };
}

async function candidatesOf(place: Place, skipped: SkippedFile[]): Promise<Candidate[]> {
    const { origin, folder } = place;
    if (origin === "ollama") {
        const found = await findOllamaModels(folder);
        skipped.push(...found.skipped);
        return found.models.map(({ name, path }) => ({
            name,
            longName: `ollama/${name}`,
            path,
            origin,
        }));
    }
    const files = await findGgufFiles(folder);
    const usual = withoutLaterParts(files.filter((path) => !isNoModelName(path)));
    return usual.flatMap((path) => {
        const inner = relative(folder, path).split(sep);
        const repo = origin === "hub" ? repoOfFolder(inner[0] ?? "") : undefined;
        // In the Hub cache only snapshots have names.
        if (origin === "hub" && (repo === undefined || inner[1] !== "snapshots")) return [];
        const name = basename(path).replace(/\.gguf$/i, "");
        const owner = repo ?? (inner.slice(0, -1).join("/") || origin);
        return [{ name, longName: `${owner}/${name}`, path, origin, repo }];
    });
}

/** Another snapshot's names for the same blob, in the Hub cache. */
export async function otherNames(folder: string, path: string): Promise<string[]> {
    const real = await realpath(path).catch(() => undefined);
    const files = await findGgufFiles(join(folder, "snapshots"));
    const same: string[] = [];
    for (const file of files)
        if (file !== path && (await realpath(file).catch(() => undefined)) === real)
            same.push(file);
    return same;
}
