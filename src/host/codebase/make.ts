/** The search in the workspace with its child, as the window needs it; `app.ts` calls this once. Starts and reads nothing. */

import { Uri, type ExtensionContext } from "vscode";
import type { Disposable } from "../../base/lifecycle";
import type { Log, LogEntry } from "../../base/log";
import type { SourceFiles } from "../context/sourceFiles";
import { Codebase } from "./codebase";
import { IndexerClient } from "./indexerClient";

export interface MakeOptions {
    context: ExtensionContext;
    files: SourceFiles;
    log: Log;
    writeLog: (entry: LogEntry) => void;
}

export function makeCodebase(
    { context, files, log, writeLog }: MakeOptions,
    own: (disposable: Disposable) => void,
): Codebase {
    const client = new IndexerClient({
        entry: context.asAbsolutePath("dist/indexer.mjs"),
        build: __BUILD__,
        folder: Uri.joinPath(context.storageUri ?? context.globalStorageUri, "codebase").fsPath,
        log,
        writeLog,
    });
    const codebase = new Codebase({ client, files, log });
    own(codebase);
    own(client);
    return codebase;
}
