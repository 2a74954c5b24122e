/**
 * Files that belong to a file by their names: its test or what it tests, its header or source, and neighbours in the folder. Pure.
 */

import { folderOf } from "../../context/imports";

/** Several places for one thing, likeliest first; `/` separated as the path given. */
export type Candidates = readonly string[];

const HEADERS = ["h", "hpp", "hh", "hxx"];
const SOURCES = ["c", "cc", "cpp", "cxx", "m", "mm"];
const TEST_ENDING = /[._-](?:test|tests|spec)$/i;
const TEST_START = /^test_/i;
const TEST_FOLDER = /^(?:__tests__|tests?|spec)$/;
const SOURCE_FOLDERS = ["src", "lib", ""];

interface Parts {
    folder: string;
    stem: string;
    ending: string;
}

/** `path`: absolute. What is beside it by name; the caller finds out which exist. */
export function companions(path: string): Candidates[] {
    const parts = split(path);
    const { folder, stem, ending } = parts;
    const at = (endings: readonly string[]) => endings.map((one) => `${folder}/${stem}.${one}`);
    if (HEADERS.includes(ending)) return [at(SOURCES)];
    const found: Candidates[] = SOURCES.includes(ending) ? [at(HEADERS)] : [];
    found.push(isTest(parts) ? testedBy(parts) : testsOf(parts));
    return found;
}

/**
 * The likeliest of a folder's other files: same language, then a name that shares words with this one, then by name. `names`: of the
 * folder's files.
 */
export function neighbours(path: string, names: readonly string[], max: number): string[] {
    const { folder, stem, ending } = split(path);
    const own = wordsOf(stem);
    const alike = (name: string) => wordsOf(split(`/${name}`).stem).filter((w) => own.includes(w));
    const others = names.filter(
        (name) => name.endsWith(`.${ending}`) && `${folder}/${name}` !== path,
    );
    const ranked = others
        .filter((name) => !isTest(split(`${folder}/${name}`)))
        .map((name) => ({ name, score: alike(name).length }))
        .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
    return ranked.slice(0, max).map(({ name }) => `${folder}/${name}`);
}

function isTest({ folder, stem }: Parts): boolean {
    const last = folder.split("/").at(-1) ?? "";
    return TEST_ENDING.test(stem) || TEST_START.test(stem) || TEST_FOLDER.test(last);
}

function testsOf({ folder, stem, ending }: Parts): Candidates {
    const names = [`${stem}.test`, `${stem}.spec`, `${stem}_test`, `test_${stem}`, `${stem}_spec`];
    names.push(`${stem}Test`);
    const beside = [folder, `${folder}/__tests__`, `${folder}/tests`, `${folder}/test`];
    for (const source of SOURCE_FOLDERS.filter((one) => one !== "")) {
        // `a/src/b/c.ts` is often tested in `a/test/b/c.test.ts`, in Java in `src/test`.
        const place = folder.lastIndexOf(`/${source}`);
        const rest = folder.slice(place + source.length + 1);
        if (place < 0 || (rest !== "" && !rest.startsWith("/"))) continue;
        for (const test of ["test", "tests", "spec"])
            beside.push(`${folder.slice(0, place)}/${test}${rest}`);
        beside.push(folder.replace("/src/main/", "/src/test/"));
    }
    const up = folderOf(folder);
    beside.push(`${up}/tests`, `${up}/test`);
    return beside.flatMap((place) => names.map((name) => `${place}/${name}.${ending}`));
}

function testedBy({ folder, stem, ending }: Parts): Candidates {
    const name = stem.replace(TEST_ENDING, "").replace(TEST_START, "").replace(/Test$/, "");
    const places = [folder, folderOf(folder)];
    for (const source of SOURCE_FOLDERS)
        places.push(
            folder.replace(
                /\/(?:__tests__|tests?|spec)(?=\/|$)/,
                source === "" ? "" : `/${source}`,
            ),
        );
    places.push(folder.replace("/src/test/", "/src/main/"));
    return [...new Set(places)]
        .map((place) => `${place}/${name}.${ending}`)
        .filter((found) => found !== `${folder}/${stem}.${ending}`);
}

function split(path: string): Parts {
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    const dot = name.lastIndexOf(".");
    return {
        folder: path.slice(0, slash),
        stem: dot > 0 ? name.slice(0, dot) : name,
        ending: dot > 0 ? name.slice(dot + 1) : "",
    };
}

/** `orderItems` and `order_items` share both words. */
function wordsOf(stem: string): string[] {
    return stem
        .split(/[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})/u)
        .filter((word) => word.length > 2)
        .map((word) => word.toLowerCase());
}
