/**
 * What a commit would hold, as text for the model: the staged changes, else those of the working tree with its new files; and how the
 * repository words its commits.
 */

import { Uri } from "vscode";
import { AppError } from "../../base/errors";
import { isSecretFile } from "../../completion/gates";
import { parseDiff, type FileDiff } from "../../prompt/commit/diff";
import { digest, type Digest } from "../../prompt/commit/digest";
import { commitStyle, type CommitStyle } from "../../prompt/commit/style";
import { holdsSecret } from "../../context/secretText";
import type { SourceFile } from "../context/sourceFiles";
import { isMadeByTools } from "../../context/sourceText";
import type { GitRepository } from "./git";

/** Reads a file that may be shown to a model; `SourceFiles` does. */
export interface FileReader {
    read(uri: Uri): Promise<SourceFile | undefined>;
    /** Whether a changed file may be shown, also one that is gone. */
    mayShowChange(uri: Uri): Promise<boolean>;
}

export interface Changes {
    /** In at most about so many characters. */
    digest: (maxCharacters: number) => Digest;
    style: CommitStyle;
    /** First lines of the last commits. */
    subjects: readonly string[];
    isStaged: boolean;
}

const UNTRACKED = 7;
/** The rest of a larger diff would not be shown anyway. */
const MAX_DIFF_CHARACTERS = 4_000_000;
const MAX_NEW_FILES = 30;
const MAX_NEW_LINES = 60;
const N_COMMITS = 20;

/** Throws AppError when there is nothing to describe, or nothing that may be shown. */
export async function readChanges(repository: GitRepository, files: FileReader): Promise<Changes> {
    await repository.status();
    const { state } = repository;
    if (state.mergeChanges.length > 0)
        throw new AppError("user/usage", "There are merge conflicts; resolve and stage them first");
    const isStaged = state.indexChanges.length > 0;
    const diff = await repository.diff(isStaged);
    const changed = parseDiff(diff.slice(0, MAX_DIFF_CHARACTERS));
    const found = await Promise.all(changed.map((one) => shownPart(one, repository, files)));
    if (!isStaged) found.push(...(await newFiles(repository, files)));
    if (found.length === 0)
        throw new AppError(
            "user/usage",
            "There is no change to describe; edit a file, or stage what the commit should hold",
        );
    const digested = (maxCharacters: number) =>
        digest(found, { maxCharacters, isSecretFile, holdsSecret, isMadeByTools });
    if (digested(1000).paths.length === 0)
        throw new AppError(
            "user/usage",
            "Only files that hold keys or passwords have changed, and they are not shown to the model; write this message yourself",
        );
    const commits = await repository.log({ maxEntries: N_COMMITS }).catch(() => []);
    const messages = commits.map(({ message }) => message);
    return {
        digest: digested,
        style: commitStyle(messages),
        subjects: messages.map((message) => message.split("\n")[0]?.trim() ?? ""),
        isStaged,
    };
}

/** Of an ignored or excluded file its name and size. */
async function shownPart(
    file: FileDiff,
    { rootUri }: GitRepository,
    files: FileReader,
): Promise<FileDiff> {
    const names = file.oldPath === undefined ? [file.path] : [file.path, file.oldPath];
    const asked = names.map((name) => files.mayShowChange(Uri.joinPath(rootUri, name)));
    return (await Promise.all(asked)).every(Boolean) ? file : { ...file, hunks: [] };
}

/** `git diff` knows nothing of files that were never added. */
async function newFiles({ state, rootUri }: GitRepository, files: FileReader): Promise<FileDiff[]> {
    const changes = [...state.workingTreeChanges, ...(state.untrackedChanges ?? [])];
    const uris = changes.filter(({ status }) => status === UNTRACKED).map(({ uri }) => uri);
    const found: FileDiff[] = [];
    for (const uri of uris.slice(0, MAX_NEW_FILES)) {
        const file = await files.read(uri);
        const lines = file?.lines ?? [];
        const shown = lines.slice(0, MAX_NEW_LINES).map((line) => `+${line}`);
        const path = uri.path.slice(rootUri.path.length).replace(/^\/+/, "");
        found.push({
            path,
            kind: "added",
            isBinary: false,
            hunks: file ? [{ text: [`@@ -0,0 +1,${lines.length} @@`, ...shown].join("\n") }] : [],
            nAdded: lines.length,
            nRemoved: 0,
        });
    }
    return found;
}
