/** The GGUF inspector made from what the list of models has: worker, Hub, library. */

import type { Log } from "../../base/log";
import type { GgufPlace } from "../../protocol/inspector";
import type { Core } from "../core";
import type { Catalog } from "../models/catalog";
import { withAccess, type AccessUi } from "../models/hubAccess";
import { pickImatrix } from "../models/imatrix";
import type { Jobs } from "../models/jobs";
import { withNotification } from "../models/notification";
import { fileName, type HubOptions } from "../models/source";
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
    /** Measures an importance matrix of a file, in front of the person. */
    makeImatrix: (file: string) => Promise<string | undefined>;
}

/** `inspect` is the command's handler. */
export function makeInspector(parts: InspectorParts): {
    inspector: GgufInspector;
    inspect: (given: unknown) => Promise<void>;
} {
    const { core, log, catalog, jobs, hub, access } = parts;
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
        pickImatrix: (place) => askImatrix(parts, place),
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

/** Of a file on this computer one can be made as well. */
async function askImatrix(
    { catalog, hub, makeImatrix }: InspectorParts,
    place: GgufPlace,
): Promise<string | undefined> {
    const { homeFolder } = await hub();
    const name = fileName(place.kind === "file" ? place.path : place.file);
    const chosen = await pickImatrix({
        what: name,
        model: name,
        homeFolder,
        modelsFolder: catalog.serving.modelsFolder,
        isForTypes: false,
        make: place.kind === "file" ? () => makeImatrix(place.path) : undefined,
    });
    return chosen?.kind === "file" ? chosen.path : undefined;
}
