/** The search in the workspace with its child, as the window needs it: one each. Starts and reads nothing. */

import type { Disposable } from "../../base/lifecycle";
import type { Log, LogEntry } from "../../base/log";
import type { SourceFiles } from "../context/sourceFiles";
import { Codebase } from "./codebase";
import { IndexerClient } from "./indexerClient";

export interface MakeOptions {
    /** Absolute path of `dist/indexer.mjs`. */
    entry: string;
    /** Where the index of this workspace is kept. */
    folder: string;
    files: SourceFiles;
    log: Log;
    writeLog: (entry: LogEntry) => void;
}

export function makeCodebase(
    { entry, folder, files, log, writeLog }: MakeOptions,
    own: (disposable: Disposable) => void,
): Codebase {
    const client = new IndexerClient({
        entry,
        build: __BUILD__,
        folder,
        log,
        writeLog,
    });
    const codebase = new Codebase({ client, files, log });
    own(codebase);
    own(client);
    return codebase;
}
