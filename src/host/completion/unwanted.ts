/**
 * What the engine keeps of documents in which completions were switched off since, or that were shown files that may not be shown any
 * more: it is removed, from its cache and from the disk. An engine is not started for it.
 */

import { Uri } from "vscode";
import { gate } from "../../completion/gates";
import type { KeptPrompt } from "../../protocol/completion";
import type { Engine } from "../engine";
import type { Modes } from "../modes";

/** Whether a file may still be shown to the model. */
export type StillShows = (file: Uri) => Promise<boolean>;

/**
 * Asked when an engine has started, which uses nothing of earlier ones before that, when a setting or a rule changes and when a file is
 * gone. Returns how many documents were forgotten. Rejects as the engine.
 */
export async function forgetUnwanted(
    engine: Pick<Engine, "state" | "request">,
    modes: Pick<Modes, "for">,
    stillShows: StillShows,
): Promise<number> {
    if (engine.state.kind !== "running") return 0;
    const kept = await engine.request("prefill/kept", undefined);
    const hidden = await hiddenFiles(kept, stillShows);
    const documents = kept
        .filter(
            ({ document, languageId, files }) =>
                files.some((file) => hidden.has(file)) || !isWanted(document, languageId, modes),
        )
        .map(({ document }) => document);
    await engine.request("prefill/forget", { documents: [...new Set(documents)] });
    return documents.length;
}

async function hiddenFiles(
    kept: readonly KeptPrompt[],
    stillShows: StillShows,
): Promise<ReadonlySet<string>> {
    const files = [...new Set(kept.flatMap((one) => one.files))];
    const shown = await Promise.all(files.map((file) => stillShows(Uri.parse(file))));
    return new Set(files.filter((_, i) => !shown[i]));
}

function isWanted(document: string, languageId: string, modes: Pick<Modes, "for">): boolean {
    const uri = Uri.parse(document);
    const place = { uri: document, path: uri.path, languageId, version: 0, prefix: "", suffix: "" };
    return gate(place, modes.for({ languageId, uri }), "explicit") === undefined;
}
