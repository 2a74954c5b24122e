/**
 * What the Models view shows, as plain rows: what serves completions and chat, the library, jobs. Pure; `tree.ts` turns rows
 * into tree items.
 */

import { formatBytes, formatDuration, formatRate } from "../../base/format";
import { chooseEmbeddings } from "../../library/embeddings";
import type { LibraryModel } from "../../library/library";
import type { EngineStatus, Role } from "../../protocol/engine";
import { ITEM } from "../manifest";
import { describeDevice, percent, type JobProgress } from "../status";
import type { FinishedJob } from "../state";
import { cutMiddle } from "./needs";

/** A model file as the host shows it: of the library, of another tool, or in use from somewhere else. */
export type ModelFile = Omit<LibraryModel, "origin"> & { origin: LibraryModel["origin"] | "found" };

/** Where a model of another tool is, for people. */
export const ORIGIN_LABEL: Readonly<Partial<Record<ModelFile["origin"], string>>> = {
    hub: "Hub cache",
    lmstudio: "LM Studio",
    llamacpp: "llama.cpp",
    ollama: "Ollama",
    folder: "searched folder",
};

export interface Row {
    /** Stable between refreshes. */
    id: string;
    label: string;
    description?: string | undefined;
    tooltip?: string | undefined;
    /** Codicon name. */
    icon: string;
    context: string;
    /** Path of the model or id of the job that commands act on. */
    target?: string | undefined;
    role?: Role | undefined;
    children?: Row[] | undefined;
}

export interface RowInputs {
    library: readonly ModelFile[];
    /** Path that serves each role. */
    serving: Readonly<Record<Role, string>>;
    engine: EngineStatus | undefined;
    running: readonly JobProgress[];
    finished: readonly FinishedJob[];
}

const ROLE_LABEL: Readonly<Record<Role, string>> = { completion: "Completions", chat: "Chat" };
const ORIGIN: Readonly<Record<ModelFile["origin"], { icon: string; context: string }>> = {
    starter: { icon: "sparkle", context: ITEM.starterModel },
    own: { icon: "file-binary", context: ITEM.ownModel },
    found: { icon: "link-external", context: ITEM.foundModel },
    hub: { icon: "cloud", context: ITEM.hubModel },
    lmstudio: { icon: "link-external", context: ITEM.foundModel },
    llamacpp: { icon: "link-external", context: ITEM.foundModel },
    ollama: { icon: "link-external", context: ITEM.foundModel },
    folder: { icon: "link-external", context: ITEM.foundModel },
};

/** Groups without content are left out; the roles and the library are always there. */
export function modelRows(inputs: RowInputs): Row[] {
    const roles: Role[] = ["completion", "chat"];
    const jobs = [...inputs.running.map(runningRow), ...inputs.finished.map(finishedRow)];
    const groups = [
        group(
            "serving",
            "In Use",
            roles.map((role) => roleRow(role, inputs)),
        ),
        group(
            "library",
            "Library",
            inputs.library.map((model) => modelRow(model, inputs)),
        ),
    ];
    return jobs.length > 0 ? [...groups, group("jobs", "Jobs", jobs)] : groups;
}

function group(id: string, label: string, children: Row[]): Row {
    return { id, label, icon: "", context: "group", children };
}

function roleRow(role: Role, { library, serving, engine }: RowInputs): Row {
    const path = serving[role];
    const model = library.find((candidate) => candidate.path === path);
    const loaded = engine?.models.find((candidate) => candidate.path === path);
    const name = model?.name ?? loaded?.name ?? path.split(/[\\/]/).at(-1) ?? path;
    const size = loaded?.sizeBytes ?? model?.sizeBytes;
    const parts = [
        name,
        loaded?.fileType ?? model?.fileType,
        size === undefined ? "file not found" : formatBytes(size),
        loaded ? describeDevice(loaded) : "not in memory",
    ];
    const description = parts.filter((part) => part !== undefined).join(", ");
    return {
        id: `role.${role}`,
        label: ROLE_LABEL[role],
        description,
        tooltip: `${description}\n${path}`,
        icon: role === "completion" ? "edit" : "comment-discussion",
        context: `${ITEM.role}.${role}`,
        target: path,
        role,
    };
}

function modelRow(model: ModelFile, { library, serving }: RowInputs): Row {
    const uses: string[] = (["completion", "chat"] as const)
        .filter((role) => serving[role] === model.path)
        .map((role) => ROLE_LABEL[role].toLowerCase());
    if (chooseEmbeddings(library) === model) uses.push("#codebase");
    const serves = uses.length > 0 && `serves ${uses.join(" and ")}`;
    const place = ORIGIN_LABEL[model.origin];
    const what = model.problem ?? model.fileType;
    const parts = [what, model.purpose, formatBytes(model.sizeBytes), place, serves];
    const { icon, context } = ORIGIN[model.origin];
    const description = parts.filter(Boolean).join(", ");
    const small = "Small built-in model. It serves until you choose a bigger one.";
    return {
        id: `model.${model.path}`,
        label: model.name,
        description,
        tooltip: `${model.origin === "starter" ? small : description}\n${model.path}`,
        icon: model.problem ? "warning" : uses.length > 0 ? "pass-filled" : icon,
        context,
        target: model.path,
    };
}

/** More would push the progress out of a side bar of the usual width. */
const MAX_JOB_CHARACTERS = 26;

function runningRow(job: JobProgress): Row {
    const description = describeProgress(job);
    return {
        id: `job.${job.id}`,
        label: cutMiddle(job.what ?? job.title, MAX_JOB_CHARACTERS),
        description,
        tooltip: [job.title, description].filter(Boolean).join("\n"),
        icon: job.stage === "waiting" ? "clock" : "sync~spin",
        context: ITEM.runningJob,
        target: job.id,
    };
}

function finishedRow(job: FinishedJob): Row {
    const { result } = job;
    const done = result.kind === "done";
    return {
        id: `job.${job.id}`,
        label: job.what ?? job.title,
        description: done ? formatBytes(result.bytes) : result.message,
        tooltip: done ? result.file : result.message,
        icon: done ? "pass" : "error",
        context: done ? ITEM.doneJob : ITEM.failedJob,
        target: job.id,
    };
}

const STAGE: Readonly<Partial<Record<NonNullable<JobProgress["stage"]>, string>>> = {
    waiting: "waits for the job before it",
    read: "reading",
    list: "reading",
    calibrate: "calibrating",
    verify: "checking",
    hash: "taking hashes",
    commit: "committing",
};

/** `43 %, 120 MB/s, about 3 min left`, with the stage before it when it is not the work itself. */
export function describeProgress(job: JobProgress): string {
    const stage = job.stage && STAGE[job.stage];
    // Nothing is counted in the others.
    const isCounted = ["verify", "calibrate", "hash"].includes(job.stage ?? "");
    if (stage !== undefined && !isCounted) return stage;
    const parts = [
        stage ?? "",
        percent(job.fraction).slice(2),
        job.bytesPerSecond === undefined ? "" : formatRate(job.bytesPerSecond),
        job.secondsLeft === undefined ? "" : `${formatDuration(job.secondsLeft)} left`,
    ];
    return parts.filter(Boolean).join(", ");
}
