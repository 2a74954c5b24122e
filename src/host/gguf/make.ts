/** The GGUF inspector made from what the list of models has: worker, Hub, library. */

import type { Log } from "../../base/log";
import type { Core } from "../core";
import type { Catalog } from "../models/catalog";
import { withAccess, type AccessUi } from "../models/hubAccess";
import type { Jobs } from "../models/jobs";
import { withNotification } from "../models/notification";
import type { HubOptions } from "../models/source";
import { startWorker } from "../models/startWorker";
import { inspectGguf, type InspectOptions } from "./command";
import { GgufInspector } from "./editor";

export interface InspectorParts {
    core: Core;
    log: Log;
    catalog: Catalog;
    jobs: Jobs;
    hub: () => Promise<HubOptions>;
    access: AccessUi;
}

/** `inspect` is the command's handler. */
export function makeInspector({ core, log, catalog, jobs, hub, access }: InspectorParts): {
    inspector: GgufInspector;
    inspect: (given: unknown) => Promise<void>;
} {
    const { context, logging } = core;
    const inspector = new GgufInspector({
        extensionUri: context.extensionUri,
        build: __BUILD__,
        log,
        startWorker: () => startWorker(context, logging),
        hub: async () => {
            const { endpoint, token } = await hub();
            return { endpoint, token };
        },
        withAccess: (work) => withAccess(work, access),
    });
    const readPage: InspectOptions["readPage"] = (repo, revision) =>
        withAccess(
            () =>
                withNotification(`Reading ${repo}`, async (signal) => {
                    const { endpoint, token } = await hub();
                    return jobs.page({ repo, revision, endpoint, token }, signal);
                }),
            access,
        );
    return {
        inspector,
        inspect: async (given) => {
            const { homeFolder } = await hub();
            const library = () => catalog.list();
            await inspectGguf({ inspector, library, homeFolder, readPage }, given);
        },
    };
}
