/**
 * What is changed since the last commit, as context: by the diff of the repository that the open file is in, without files that may not be
 * shown to the model and without keys in the others.
 */

import { extensions, Uri, window } from "vscode";
import { diffSections } from "../../../prompt/commit/diff";
import { withoutSecrets } from "../../../context/secretLines";
import { passageBlock } from "../context";
import { nothing, type Attachment } from "./attachment";

/** Whether a changed file may be shown, also one that is gone. */
export type MayShowChange = (uri: Uri) => Promise<boolean>;

export function changes(mayShow: MayShowChange): Attachment {
    return {
        id: "changes",
        kind: "changes",
        label: "Changes",
        tooltip: "What is changed since the last commit",
        async resolve(maxCharacters) {
            const { text, nHidden } = await diff(mayShow);
            const files = nHidden === 1 ? "1 file is" : `${nHidden} files are`;
            const left = nHidden === 0 ? "" : ` (${files} not shown)`;
            const passage = {
                label: "changes",
                title: `Changes since the last commit${left}`,
                text,
            };
            return passageBlock(
                { ...passage, languageId: "diff", keep: "beginning" },
                maxCharacters,
            );
        },
    };
}

/** The part of VS Code's git extension that is used here. */
interface Repository {
    rootUri: Uri;
    diff(cached?: boolean): Promise<string>;
}
interface GitExtension {
    getAPI(version: 1): { repositories: Repository[] };
}

/** Throws AppError when there is nothing, or nothing that may be shown. */
async function diff(mayShow: MayShowChange): Promise<{ text: string; nHidden: number }> {
    const extension = extensions.getExtension<GitExtension>("vscode.git");
    const repositories = (await extension?.activate())?.getAPI(1).repositories ?? [];
    const open = window.activeTextEditor?.document.uri.path;
    const here = repositories
        .filter(({ rootUri }) => open?.startsWith(`${rootUri.path}/`))
        .sort((a, b) => b.rootUri.path.length - a.rootUri.path.length);
    const repository = here[0] ?? repositories[0];
    if (!repository) throw nothing("There is no git repository in this workspace");
    const { rootUri } = repository;
    const parts = [await repository.diff(true), await repository.diff(false)];
    const sections = parts.flatMap(diffSections);
    if (sections.length === 0) throw nothing("Nothing is changed since the last commit");
    const hidden = new Set<string>();
    const shown: string[] = [];
    for (const { text, paths } of sections) {
        const uris = paths.map((path) => Uri.joinPath(rootUri, path));
        const may = await Promise.all(uris.map(mayShow));
        if (uris.length > 0 && may.every(Boolean))
            shown.push(withoutSecrets(text.split("\n")).join("\n"));
        else hidden.add(paths.join("\n"));
    }
    if (shown.length === 0)
        throw nothing(
            "Only files that are not shown to the model have changed: secret, ignored or excluded ones",
        );
    return { text: shown.join("\n"), nHidden: hidden.size };
}
