/** The search in the workspace with its child, as the window needs it: one each. Starts and reads nothing. */

import type { Disposable } from "../../base/lifecycle";
import type { Log, LogEntry } from "../../base/log";
import type { SourceFiles } from "../context/sourceFiles";
import { chooseEmbeddings } from "../../library/embeddings";
import type { Engine } from "../engine";
import type { Catalog } from "../models/catalog";
import { Codebase } from "./codebase";
import { IndexerClient } from "./indexerClient";
import { Meaning } from "./meaning";

export interface MakeOptions {
    /** Absolute path of `dist/indexer.mjs`. */
    entry: string;
    /** Where the index of this workspace is kept. */
    folder: string;
    files: SourceFiles;
    engine: Pick<Engine, "request">;
    catalog: Pick<Catalog, "list">;
    log: Log;
    writeLog: (entry: LogEntry) => void;
}

export function makeCodebase(
    { entry, folder, files, engine, catalog, log, writeLog }: MakeOptions,
    own: (disposable: Disposable) => void,
): Codebase {
    const client = new IndexerClient({
        entry,
        build: __BUILD__,
        folder,
        log,
        writeLog,
    });
    const meaning = new Meaning({
        findModel: async () => chooseEmbeddings(await catalog.list())?.path,
        embed: (request, signal) => engine.request("embed", request, { signal }),
        client,
        log,
    });
    const codebase = new Codebase({ client, meaning, files, log });
    own(codebase);
    own(client);
    own(meaning);
    return codebase;
}
