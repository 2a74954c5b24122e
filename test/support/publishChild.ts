/** A process that publishes one file to the fake Hub and can be killed: its arguments are one JSON text, its result another one. */

import { silentLog } from "../../src/base/log";
import { publish, type RunTuning } from "../../src/foundry/publish/publish";
import type { PublishParams } from "../../src/protocol/publish";

export interface PublishChildArguments {
    params: PublishParams;
    tuning: RunTuning;
}

const { params, tuning } = JSON.parse(process.argv[2] ?? "{}") as PublishChildArguments;
const { signal } = new AbortController();
const result = await publish(params, { log: silentLog, signal, env: {} }, () => undefined, tuning);
process.stdout.write(JSON.stringify(result));
