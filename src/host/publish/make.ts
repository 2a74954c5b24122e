/** Publishing made from what the list of models has: jobs, library, the Hub's address and token. */

import { join } from "node:path";
import { AppError } from "../../base/errors";
import type { Disposable } from "../../base/lifecycle";
import { dataFolder } from "../../node/dataFolder";
import type { Core } from "../core";
import { comparisonsFolder } from "../lab/compare";
import type { Catalog } from "../models/catalog";
import type { PublishOptions as Options } from "./publish";
import { publishModels, type PublishArguments } from "./publish";
import { PublishPages } from "./pages";

interface Given extends Pick<Options, "jobs" | "work" | "hub" | "access"> {
    core: Core;
    catalog: Catalog;
}

/** The command's handler. */
export function makePublish(
    { core, catalog, ...given }: Given,
    own: <T extends Disposable>(part: T) => T,
): (value: unknown) => Promise<unknown> {
    const { context, notify } = core;
    const pages = own(new PublishPages({ extensionUri: context.extensionUri, notify }));
    const options: Options = {
        ...given,
        // What was made a moment ago is to be published now.
        library: () => {
            catalog.forget();
            return catalog.list();
        },
        pages,
        comparisonsFolder,
        cardsFolder: () => join(dataFolder(), "cards"),
    };
    return (value) => publishModels(options, argumentsOf(value));
}

/** From a row of the Models view, or as arguments. */
function argumentsOf(value: unknown): PublishArguments {
    const given = (typeof value === "object" && value !== null ? value : {}) as Record<
        string,
        unknown
    >;
    const { files, target, table, baseModel } = given;
    const isList =
        Array.isArray(files) && files.every((item): item is string => typeof item === "string");
    if (files !== undefined && !isList)
        throw new AppError("user/usage", "files must be a list of paths");
    const text = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
    const flag = (name: string) => (typeof given[name] === "boolean" ? given[name] : undefined);
    return {
        files: isList ? files : typeof target === "string" ? [target] : undefined,
        repo: text("repo"),
        private: flag("private"),
        pullRequest: flag("pullRequest"),
        table: table === null ? null : text("table"),
        baseModel: baseModel === null ? null : text("baseModel"),
        license: text("license"),
        licenseName: text("licenseName"),
        licenseLink: text("licenseLink"),
    };
}
