/** Comparisons made from what the list of models has: jobs, library, rules for files. */

import type { Disposable } from "../../base/lifecycle";
import { AppError } from "../../base/errors";
import { SourceFiles } from "../context/sourceFiles";
import type { Core } from "../core";
import type { Catalog } from "../models/catalog";
import type { Jobs } from "../models/jobs";
import { compareQuantizations, type CompareArguments } from "./compare";
import { ComparisonEditors } from "./compareEditor";
import { ComparisonRuns } from "./compareRuns";
import { codeOfWorkspace, pickText, type AskText } from "./textPick";

export interface CompareParts {
    runs: ComparisonRuns;
    editors: ComparisonEditors;
    /** For other measurements. */
    askText: AskText;
    /** The command's handler. */
    compare: (given: unknown) => Promise<unknown>;
}

export interface CompareNeeds {
    core: Core;
    catalog: Catalog;
    jobs: Jobs;
    /** Measures an importance matrix of a file, in front of the person. */
    makeImatrix: (file: string) => Promise<string | undefined>;
}

export function makeCompare(
    { core, catalog, jobs, makeImatrix }: CompareNeeds,
    own: <T extends Disposable>(part: T) => T,
): CompareParts {
    const { context, log, notify, serving, settings } = core;
    const memory = () => serving.memory();
    const rules = own(new SourceFiles(settings));
    const runs = own(new ComparisonRuns({ jobs, memory }));
    const editors = own(
        new ComparisonEditors({
            extensionUri: context.extensionUri,
            build: __BUILD__,
            log: log.child("compare"),
            notify,
            runs,
        }),
    );
    const options = {
        jobs,
        notify,
        runs,
        editors,
        memory,
        threads: () => settings.current.engineThreads || undefined,
        library: () => catalog.list(),
        modelsFolder: () => serving.modelsFolder,
        makeImatrix,
        rules,
        now: Date.now,
    };
    return {
        runs,
        editors,
        askText: async (question) => pickText(question, await codeOfWorkspace(rules)),
        compare: (given) => compareQuantizations(options, argumentsOf(given)),
    };
}

/** From a row of the Models view, or as arguments. */
function argumentsOf(value: unknown): CompareArguments {
    const given = (typeof value === "object" && value !== null ? value : {}) as Record<
        string,
        unknown
    >;
    const list = (name: string) => {
        const one = given[name];
        if (one === undefined) return undefined;
        if (Array.isArray(one) && one.every((item) => typeof item === "string")) return one;
        throw new AppError("user/usage", `${name} must be a list of texts`);
    };
    const target = given["target"];
    return {
        files: list("files") ?? (typeof target === "string" ? [target] : undefined),
        types: list("types"),
        text: list("text"),
        imatrix: typeof given["imatrix"] === "string" ? given["imatrix"] : undefined,
        chunks: typeof given["chunks"] === "number" ? given["chunks"] : undefined,
        infill: given["infill"] === true,
        keep: given["keep"] === true,
    };
}
