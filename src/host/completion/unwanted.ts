/**
 * What the engine keeps of documents in which completions were switched off since, or that were shown files that may not be shown any
 * more: it is removed, from its cache and from the disk. An engine is not started for it.
 */

import { Uri } from "vscode";
import { gate } from "../../completion/gates";
import type { Engine } from "../engine";
import type { Modes } from "../modes";

/** Asked when a setting changes and when a model is loaded. Returns how many documents were forgotten. Rejects as the engine. */
export async function forgetUnwanted(
    engine: Pick<Engine, "state" | "request">,
    modes: Pick<Modes, "for">,
): Promise<number> {
    if (engine.state.kind !== "running") return 0;
    const kept = await engine.request("prefill/kept", undefined);
    const documents = kept
        .filter(({ document, languageId }) => !isWanted(document, languageId, modes))
        .map(({ document }) => document);
    await forgetDocuments(engine, documents);
    return documents.length;
}

/** Rejects as the engine. */
export async function forgetDocuments(
    engine: Pick<Engine, "state" | "request">,
    documents: readonly string[],
): Promise<void> {
    if (engine.state.kind !== "running" || documents.length === 0) return;
    await engine.request("prefill/forget", { documents: [...documents] });
}

function isWanted(document: string, languageId: string, modes: Pick<Modes, "for">): boolean {
    const uri = Uri.parse(document);
    const place = { uri: document, path: uri.path, languageId, version: 0, prefix: "", suffix: "" };
    return gate(place, modes.for({ languageId, uri }), "explicit") === undefined;
}
