/**
 * `Ingot: Publish...`: files, licence and base model where they are unclear, place; then a page with everything that would go, beside the model card. Nothing is
 * sent before its button is pressed. Every step can be given as an argument. What is asked is ask.ts's, the sending is a job's.
 */

import { homedir } from "node:os";
import { AppError } from "../../base/errors";
import type { PublishPlan, PublishPlanParams, PublishResult } from "../../protocol/publish";
import { withAccess, type AccessUi } from "../models/hubAccess";
import type { Jobs } from "../models/jobs";
import { withNotification } from "../models/notification";
import type { ModelFile } from "../models/rows";
import type { HubOptions } from "../models/source";
import type { Work } from "../models/work";
import {
    askBase,
    askComparison,
    askFiles,
    askLicense,
    askRepo,
    askWay,
    type LicenseAnswer,
} from "./ask";
import { openCard, type Card } from "./cardFile";
import { comparisonsOf } from "./comparisons";
import type { PublishPages } from "./pages";

export interface PublishArguments extends LicenseAnswer {
    /** Absolute paths of GGUF files; the first ones of split models. */
    files?: string[] | undefined;
    /** `NAME`, or `owner/NAME`. */
    repo?: string | undefined;
    private?: boolean | undefined;
    pullRequest?: boolean | undefined;
    /** Absolute path of a comparison; null: none. */
    table?: string | null | undefined;
    /** `owner/name` of what was quantized; null: as the files say. */
    baseModel?: string | null | undefined;
}

export interface PublishOptions {
    jobs: Pick<Jobs, "publishPlan">;
    work: Pick<Work, "publish">;
    hub: () => Promise<HubOptions>;
    /** Asks the person when the Hub refuses. */
    access: AccessUi;
    library: () => Promise<ModelFile[]>;
    pages: PublishPages;
    comparisonsFolder: () => string;
    cardsFolder: () => string;
}

type Choice = Omit<PublishPlanParams, "endpoint" | "token">;

/** Resolves with what came of it, also when the page is closed before; undefined when the person stopped. */
export async function publishModels(
    options: PublishOptions,
    given: PublishArguments,
): Promise<PublishResult | undefined> {
    const files = given.files ?? (await askFiles(await options.library(), homedir()));
    if (!files) return undefined;
    const table = given.table === undefined ? await tableFor(options, files) : given.table;
    if (table === undefined) return undefined;
    const choice = {
        files,
        repo: given.repo,
        table: table ?? undefined,
        baseModel: given.baseModel ?? undefined,
        ...licenseOf(given),
    };
    const licensed = await planLicensed(options, choice);
    const based = licensed && (await basedOn(options, licensed, given));
    if (!based) return undefined;
    const placed = await placeOf(options, based, given);
    if (!placed) return undefined;
    const card = await openCard(options.cardsFolder(), placed.plan);
    if (!card) return undefined;
    return show(options, placed, card);
}

interface Planned {
    choice: Choice;
    plan: PublishPlan;
}

/** What would go and where, as the Hub and the files say now. Asks for a token where one is needed. */
function readPlan({ jobs, hub, access }: PublishOptions, choice: Choice): Promise<PublishPlan> {
    return withAccess(async () => {
        const { endpoint, token } = await hub();
        return withNotification("Reading what would be published", (signal) =>
            jobs.publishPlan({ ...choice, endpoint, token }, signal),
        );
    }, access);
}

/** The licence is asked for once, and only when the files leave it open. */
async function planLicensed(options: PublishOptions, choice: Choice): Promise<Planned | undefined> {
    try {
        return { choice, plan: await readPlan(options, choice) };
    } catch (error) {
        const isOpen = error instanceof AppError && error.code === "user/license";
        if (!isOpen || choice.license !== undefined) throw error;
    }
    const license = await askLicense();
    if (!license) return undefined;
    const licensed = { ...choice, ...license };
    return { choice: licensed, plan: await readPlan(options, licensed) };
}

/** Undefined when the person stopped; null when they want none. */
async function tableFor(
    { comparisonsFolder }: PublishOptions,
    files: readonly string[],
): Promise<string | null | undefined> {
    const found = await comparisonsOf(files, comparisonsFolder());
    return found.length > 0 ? askComparison(found, files.length) : null;
}

async function placeOf(
    options: PublishOptions,
    planned: Planned,
    given: PublishArguments,
): Promise<Planned | undefined> {
    const named = given.repo === undefined ? await nameOf(options, planned) : planned;
    if (!named) return undefined;
    const { choice, plan } = named;
    const isGiven = (plan.exists ? given.pullRequest : given.private) !== undefined;
    const way = isGiven ? given : await askWay(plan);
    if (!way) return undefined;
    // Of one that is there the kind is known, and of a new one nothing but the kind is open.
    const chosen = plan.exists
        ? { pullRequest: way.pullRequest ?? false }
        : { private: way.private ?? false };
    return { choice: { ...choice, ...chosen }, plan: { ...plan, ...chosen } };
}

/** Asks for what the files leave open about their origin. Undefined when the person stopped. */
async function basedOn(
    options: PublishOptions,
    planned: Planned,
    given: PublishArguments,
): Promise<Planned | undefined> {
    if (!planned.plan.isBaseOpen || given.baseModel === null) return planned;
    return askUntilTaken(options, planned, "", askBase, (answer) => {
        const baseModel = answer.trim();
        return baseModel === "" ? undefined : { baseModel };
    });
}

/** Undefined when the person stopped. */
function nameOf(options: PublishOptions, planned: Planned): Promise<Planned | undefined> {
    const { repo: proposed } = planned.plan;
    return askUntilTaken(options, planned, proposed, askRepo, (repo) => {
        return repo === proposed ? undefined : { repo };
    });
}

/** Asks until neither worker nor Hub has an objection. `toChoice`: undefined when the plan stays as it is. */
async function askUntilTaken(
    options: PublishOptions,
    { choice, plan }: Planned,
    proposed: string,
    ask: typeof askRepo,
    toChoice: (answer: string) => Partial<Choice> | undefined,
): Promise<Planned | undefined> {
    let problem: string | undefined;
    let text = proposed;
    for (;;) {
        const answer = await ask(plan, text, problem);
        if (answer === undefined) return undefined;
        text = answer;
        const change = toChoice(answer);
        if (!change) return { choice, plan };
        const changed = { ...choice, ...change };
        try {
            return { choice: changed, plan: await readPlan(options, changed) };
        } catch (error) {
            if (!(error instanceof AppError) || error.code !== "user/usage") throw error;
            problem = error.message;
        }
    }
}

function show(
    { pages, work }: PublishOptions,
    { choice, plan }: Planned,
    card: Card,
): Promise<PublishResult | undefined> {
    const { files, table } = choice;
    return pages.open({ plan, choice, hasTable: table !== undefined, card }, async (isKept) =>
        work.publish({
            endpoint: plan.endpoint,
            repo: plan.repo,
            private: plan.private,
            pullRequest: plan.pullRequest,
            files,
            card: isKept ? undefined : await card.read(),
        }),
    );
}

function licenseOf({ license, licenseName, licenseLink }: PublishArguments): LicenseAnswer {
    return { license, licenseName, licenseLink };
}
