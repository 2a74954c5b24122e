/**
 * `Ingot: Get a Model...`: search the Hub, choose a published GGUF file or a type to make here, wait for it, offer to use it. Every step can be given
 * as an argument. Rows are getRows.ts's, the work is a job's.
 */

import { AppError } from "../../base/errors";
import type { MachineMemory } from "../../library/memory";
import type { HubPage } from "../../protocol/hub";
import type { ConvertPlan, Source } from "../../protocol/worker";
import type { ConvertArguments, KnownPlan } from "./convert";
import {
    choiceRows,
    convertAsRow,
    findWay,
    noModel,
    recommendedRows,
    searchRows,
    type GetChoice,
} from "./getRows";
import { withAccess, type AccessUi } from "./hubAccess";
import type { Jobs } from "./jobs";
import { withNotification } from "./notification";
import { modelRow } from "./modelRow";
import { pickOne, type PickRow } from "./pick";
import type { ModelFile } from "./rows";
import { pickFromSearch } from "./searchPick";
import { parseSource, type HubOptions } from "./source";
import { FEWER_BITS } from "./typeRows";
import type { Work } from "./work";

export interface GetArguments {
    repo?: string | undefined;
    /** `Q4_K_M`, or the path of a file of the repository. */
    type?: string | undefined;
}

export interface GetOptions {
    jobs: Jobs;
    memory: () => MachineMemory;
    hub: () => Promise<HubOptions>;
    access: AccessUi;
    library: () => Promise<ModelFile[]>;
    convert: (
        given: ConvertArguments,
        known: KnownPlan | undefined,
    ) => Promise<{ file: string } | undefined>;
    /** Asks as which family a model is to be converted that Ingot has no rules for. */
    chooseFamily: (source: Source) => Promise<string | undefined>;
    use: (path: string) => Promise<unknown>;
    work: Work;
}

/** The path of the model, or undefined when the person stopped at some step. */
export async function getModel(
    options: GetOptions,
    given: GetArguments,
): Promise<string | undefined> {
    const wanted = given.repo === undefined ? await pickRepo(options) : given.repo;
    if (wanted === undefined) return undefined;
    if (typeof wanted !== "string") {
        await options.use(wanted.path);
        return wanted.path;
    }
    const read = await withAccess(() => readRepo(options, wanted), options.access);
    const { page, plan } = read;
    const rows = choiceRows(page, plan, options.memory(), options.jobs.downloadRate);
    if (read.needsFamily) rows.push(convertAsRow(page));
    const choice =
        given.type === undefined ? await pickWay(page, rows) : findWay(page, rows, given.type);
    if (!choice) return undefined;
    if (choice.kind === "convert") {
        const result = await options.convert(
            { source: choice.repo, type: choice.type },
            plan && { plan, revision: page.commit },
        );
        return result?.file;
    }
    if (choice.kind === "convert-as") return convertAs(options, page, given.type);
    const { repo, commit, files } = choice;
    const { endpoint } = await options.hub();
    return options.work.download({ repo, revision: commit, files, endpoint });
}

async function convertAs(
    options: GetOptions,
    { id: repo, commit: revision }: HubPage,
    type: string | undefined,
): Promise<string | undefined> {
    const { endpoint, token } = await options.hub();
    const source = { kind: "hub", repo, revision, endpoint, token } as const;
    const family = await options.chooseFamily(source);
    if (family === undefined) return undefined;
    return (await options.convert({ source: repo, type, family }, undefined))?.file;
}

interface ReadRepo {
    page: HubPage;
    plan: ConvertPlan | undefined;
    /** The architecture has no rules here. */
    needsFamily: boolean;
}

async function pickRepo(options: GetOptions): Promise<string | { path: string } | undefined> {
    const { jobs, hub } = options;
    const memory = options.memory();
    const library = (await options.library()).filter(({ problem }) => problem === undefined);
    const here = library.map((model) =>
        modelRow(model, { path: model.path }, model.origin === "starter" && "small built-in model"),
    );
    return pickFromSearch<string | { path: string }>({
        title: "Get a Model",
        placeholder: "Search the Hub, for example qwen coder; or an id such as owner/name",
        first: [
            { separator: "From the Hub" },
            ...recommendedRows(memory),
            { separator: "On this computer" },
            ...here,
        ],
        search: async (text, signal) => {
            const { endpoint, token, homeFolder } = await hub();
            const asId = parseSource(text, { endpoint, homeFolder });
            const typed =
                asId?.kind === "hub" ? [{ label: `$(cloud) ${asId.repo}`, value: asId.repo }] : [];
            const { models } = await jobs.search({ text, endpoint, token, limit: 30 }, signal);
            const usable = models.filter(({ formats }) => formats.length > 0);
            return [...typed, ...searchRows(usable, memory)];
        },
    });
}

/** The page, and what the foundry could make of it. */
async function readRepo({ jobs, hub }: GetOptions, repo: string): Promise<ReadRepo> {
    const { endpoint, token } = await hub();
    return withNotification(`Reading ${repo}`, async (signal) => {
        const page = await jobs.page({ repo, endpoint, token, withCache: true }, signal);
        if (!page.hasAccess)
            throw new AppError(
                "net/auth",
                `${page.id} is gated: accept its terms on its page, then try again with a token`,
                { page: page.url },
            );
        if (!page.formats.includes("safetensors"))
            return { page, plan: undefined, needsFamily: false };
        try {
            const revision = page.commit;
            const source = { kind: "hub", repo: page.id, revision, endpoint, token } as const;
            return { page, plan: await jobs.plan({ source }, signal), needsFamily: false };
        } catch (error) {
            // A family that cannot be made here is no obstacle while there are published files.
            const code = error instanceof AppError ? error.code : "";
            const needsFamily = code === "data/architecture";
            const isObstacle = page.ggufs.length === 0 && !needsFamily;
            if (!code.startsWith("data/") || isObstacle) throw error;
            return { page, plan: undefined, needsFamily };
        }
    });
}

async function pickWay(
    page: HubPage,
    rows: readonly PickRow<GetChoice>[],
): Promise<GetChoice | undefined> {
    if (rows.length === 0) throw noModel(page);
    return pickOne<GetChoice>({
        title: `Get ${page.id}${page.license ? `, ${page.license}` : ""}`,
        placeholder: FEWER_BITS,
        rows,
    });
}
