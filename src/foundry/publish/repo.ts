/** The repository that is published to: its name, whether it is there, making it. */

import { AppError } from "../../base/errors";
import { getJson } from "../hub/api";
import { checkRepoId, readRepo, type HubFile } from "../hub/client";
import type { HubHttp } from "../hub/http";
import { postJson, refusedWrite, toTarget } from "./ask";

export interface RepoState {
    /** As the Hub spells it. */
    id: string;
    private: boolean;
    commit: string;
    files: ReadonlyMap<string, HubFile>;
}

/** `NAME` is the account's own. Throws AppError user/usage. */
export function repoId(text: string, account: string): string {
    const name = text.trim();
    return checkRepoId(name.includes("/") ? name : `${account}/${name}`);
}

/** As repositories of GGUF files are called; what cannot be in a name becomes a dash. */
export function proposedName(model: string): string {
    const plain = model
        .replace(/[^A-Za-z0-9._-]+/g, "-")
        .replace(/-{2,}/g, "-")
        .replace(/\.{2,}/g, ".")
        .replace(/^[-.]+|[-.]+$/g, "")
        .slice(0, 80);
    return /-gguf$/i.test(plain) ? plain : `${plain || "model"}-GGUF`;
}

/** Undefined when there is none, or none that this token may see. */
export async function readState(
    http: HubHttp,
    repo: string,
    signal: AbortSignal,
): Promise<RepoState | undefined> {
    try {
        const address = `${http.address.endpoint}/api/models/${repo}`;
        const { value } = await getJson(http, address, toTarget(repo), signal);
        const { private: isPrivate } = (value ?? {}) as { private?: unknown };
        const { id, commit, files } = await readRepo(http, repo, "main", signal, "all");
        return { id, commit, files, private: isPrivate === true };
    } catch (error) {
        if (error instanceof AppError && error.code === "net/not-found") return undefined;
        throw error;
    }
}

/** One that is there already is taken as it is. Throws AppError net/*. */
export async function createRepo(
    http: HubHttp,
    repo: string,
    isPrivate: boolean,
    signal: AbortSignal,
): Promise<void> {
    const [organization, name] = repo.split("/");
    const request = postJson(`${http.address.endpoint}/api/repos/create`, {
        type: "model",
        name,
        organization,
        private: isPrivate,
        visibility: isPrivate ? "private" : "public",
    });
    const answer = await http.request(request, toTarget(repo), signal);
    const { status, ok } = answer.response;
    if (!ok && status !== 409) throw await refusedWrite(http, answer, repo);
    for await (const chunk of answer.chunks()) void chunk;
}

/** The person has seen one kind of repository, and it is the other. Throws AppError user/usage. */
export function refuseOtherKind(state: RepoState, isPrivate: boolean): void {
    if (state.private === isPrivate) return;
    const [is, asked] = state.private ? ["private", "public"] : ["public", "private"];
    throw new AppError(
        "user/usage",
        `${state.id} is there already and ${is}, not ${asked}; change that on its settings page, or choose another name`,
    );
}
