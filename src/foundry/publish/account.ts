/**
 * Whose token it is, and whether it may write to a repository, asked before anything is hashed or sent. Roles are read, write and the older
 * admin and contributor; a fine-grained token lists what it may do where. A role that is not known is left to the Hub to decide.
 */

import { AppError } from "../../base/errors";
import type { HubHttp } from "../hub/http";
import { askJson, type Json } from "./ask";

export interface Account {
    name: string;
    organizations: string[];
    role: string;
    /** Of a fine-grained token: repositories, users and organizations by name, with `repo.write` and the like. */
    scopes: { entity: string; permissions: string[] }[];
}

/** Throws AppError net/auth without a token, or with one that the Hub does not know. */
export async function readAccount(http: HubHttp, signal: AbortSignal): Promise<Account> {
    const { endpoint, token } = http.address;
    const page = `${endpoint}/settings/tokens`;
    if (token === undefined)
        throw new AppError(
            "net/auth",
            `Publishing needs a token of ${http.host} that may write; make one at ${page}, then set it here or in HF_TOKEN`,
            { page },
        );
    const who = await askJson(http, { url: `${endpoint}/api/whoami-v2` }, "the account", signal);
    const access = objectOf(objectOf(who["auth"])["accessToken"]);
    const fine = objectOf(access["fineGrained"]);
    return {
        name: textOf(who["name"]),
        organizations: listOf(who["orgs"]).map((org) => textOf(org["name"])),
        role: textOf(access["role"]),
        scopes: listOf(fine["scoped"]).map((scope) => ({
            entity: textOf(objectOf(scope["entity"])["name"]),
            permissions: Array.isArray(scope["permissions"])
                ? scope["permissions"].filter((one): one is string => typeof one === "string")
                : [],
        })),
    };
}

/** Throws AppError net/auth, user/usage. */
export function refuseForeign(http: HubHttp, account: Account, repo: string): void {
    const [owner = ""] = repo.split("/");
    const same = (name: string) => name.toLowerCase() === owner.toLowerCase();
    const { host, address } = http;
    if (![account.name, ...account.organizations].some(same)) {
        const others =
            account.organizations.length > 0 ? `, ${account.organizations.join(", ")}` : "";
        throw new AppError(
            "user/usage",
            `The token is ${account.name}'s and cannot publish as ${owner}; choose one of ${account.name}${others}`,
        );
    }
    const page = `${address.endpoint}/settings/tokens`;
    const isScoped = account.scopes.some(
        ({ entity, permissions }) =>
            permissions.includes("repo.write") &&
            [owner, repo].some((name) => name.toLowerCase() === entity.toLowerCase()),
    );
    const mayOnlyRead = account.role === "read" || (account.role === "fineGrained" && !isScoped);
    if (mayOnlyRead)
        throw new AppError(
            "net/auth",
            `The token may not write to ${repo} on ${host}; make one that may at ${page}`,
            { page },
        );
}

function objectOf(value: unknown): Json {
    return typeof value === "object" && value !== null ? (value as Json) : {};
}

function listOf(value: unknown): Json[] {
    return Array.isArray(value) ? value.map(objectOf) : [];
}

function textOf(value: unknown): string {
    return typeof value === "string" ? value : "";
}
