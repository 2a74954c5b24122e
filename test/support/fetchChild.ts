/** A process that downloads one file from the fake Hub and can be killed: its arguments are one JSON text, its result another one. */

import { silentLog } from "../../src/base/log";
import { fetchFiles, type FetchTuning } from "../../src/foundry/hub/fetch";

export interface FetchChildArguments {
    endpoint: string;
    repo: string;
    file: string;
    cacheFolder: string;
    tuning: FetchTuning;
}

const given = JSON.parse(process.argv[2] ?? "{}") as FetchChildArguments;
const result = await fetchFiles(
    { repo: given.repo, files: [given.file], endpoint: given.endpoint },
    {
        log: silentLog,
        signal: new AbortController().signal,
        cacheFolder: given.cacheFolder,
        env: {},
    },
    () => undefined,
    given.tuning,
);
process.stdout.write(JSON.stringify(result));
