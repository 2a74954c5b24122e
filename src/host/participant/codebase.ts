/** `#codebase` in a message to `@ingot`: what the workspace says about the question goes along behind what was attached. */

import { Location, Range, Uri } from "vscode";
import { AppError } from "../../base/errors";
import type { Codebase } from "../codebase/codebase";
import { CODEBASE_SHARE, MAX_PLACES, placeBlocks, readMention } from "../codebase/places";
import type { SourceFiles } from "../context/sourceFiles";
import { TOOL } from "../manifest";
import type { AskedQuestion } from "../slash/question";
import { readRequest, type GivenRequest } from "./request";

export interface CodebaseParts {
    files: Pick<SourceFiles, "read">;
    codebase: Pick<Codebase, "search">;
}

export interface Wait {
    signal: AbortSignal;
    /** Characters that context may have. */
    room: number;
    /** Lines of progress stay, so there must be few. */
    tell: (text: string) => void;
}

/** Without the word it is the request as it was. Throws AppError: nothing to search, nothing found, cancelled. */
export async function withCodebase(
    given: GivenRequest & { toolReferences?: readonly { name: string }[] | undefined },
    { files, codebase }: CodebaseParts,
    { signal, room, tell }: Wait,
): Promise<AskedQuestion> {
    const mention = readMention(given.prompt);
    const isTool = given.toolReferences?.some(({ name }) => name === TOOL.codebase) ?? false;
    if (!mention.isAsked && !isTool) return readRequest(given, files);
    const question = await readRequest({ ...given, prompt: mention.text }, files);
    const told = new Set<string>();
    const onActivity = (text: string) => {
        const words = text.replace(/,.*$/, "");
        if (!told.has(words)) tell(words);
        told.add(words);
    };
    const places = await codebase.search(mention.text, { limit: MAX_PLACES, signal, onActivity });
    if (places.length === 0)
        throw new AppError(
            "user/usage",
            "Nothing in the workspace fits the question; ask in other words, or attach files",
        );
    const blocks = (maxCharacters: number) => {
        const own = question.blocks(Math.floor(maxCharacters * (1 - CODEBASE_SHARE)));
        const left = maxCharacters - own.reduce((sum, { text }) => sum + text.length, 0);
        return [...own, ...placeBlocks(places, left)];
    };
    const shown = blocks(room).flatMap(({ place }) => place ?? []);
    const used = shown.map(
        ({ uri, first, last }) => new Location(Uri.parse(uri), new Range(first, 0, last, 0)),
    );
    return { ...question, blocks, used: [...question.used, ...used] };
}
