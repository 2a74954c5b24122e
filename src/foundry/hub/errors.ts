/**
 * What a Hub answer means for the person who asked: status and X-Error-Code become one AppError sentence. Sends nothing.
 * Codes: GatedRepo, RepoNotFound, RevisionNotFound, EntryNotFound, as the Hub and `huggingface_hub` (utils/_http.py) name them.
 */

import { AppError, type ErrorCode } from "../../base/errors";

/** What was asked for, for the sentence. */
export interface Target {
    repo: string;
    revision: string;
    file?: string | undefined;
}

export interface Refusal {
    /** Of the answer; the Hub hides private repositories behind 401. */
    status: number;
    /** X-Error-Code, or an empty text. */
    errorCode: string;
    /** The Hub's address, without a slash at the end. */
    endpoint: string;
    hasToken: boolean;
    /** Who answered: the Hub, or the store that it sends to. */
    host: string;
}

/** The error for an answer that is not a success and that no retry has helped. */
export function refusalError(refusal: Refusal, target: Target): AppError {
    const { status, errorCode, host } = refusal;
    const detail = `status ${status}, code ${errorCode || "none"}`;
    const { repo, revision, file } = target;
    const error = (code: ErrorCode, message: string) => new AppError(code, message, { detail });
    if (errorCode === "GatedRepo") {
        const page = `${refusal.endpoint}/${repo}`;
        return new AppError("net/auth", gatedMessage(refusal, repo), { detail, page });
    }
    if (errorCode === "RevisionNotFound")
        return error(
            "net/not-found",
            `${repo} has no revision ${revision}; its page lists branches and tags`,
        );
    if (errorCode === "EntryNotFound" || (status === 404 && file !== undefined && !errorCode))
        return error("net/not-found", `${repo} has no file ${file ?? ""} at ${revision}`);
    if (status === 401 && refusal.hasToken && errorCode !== "RepoNotFound")
        return error(
            "net/auth",
            `${host} does not accept the token; make a new one at ${refusal.endpoint}/settings/tokens`,
        );
    if (status === 401 || status === 404)
        return error("net/not-found", noRepositoryMessage(refusal, repo));
    return error(...serverMessage(refusal, repo));
}

function serverMessage({ status, host }: Refusal, repo: string): [ErrorCode, string] {
    if (status === 403)
        return [
            "net/auth",
            `${host} refuses access to ${repo}; try again with a token that may read it`,
        ];
    if (status >= 500 || status === 408)
        return ["net/http", `${host} has a problem (status ${status}); try again later`];
    return [
        "net/http",
        `${host} answers with status ${status}, which a Hub does not; check its address`,
    ];
}

function gatedMessage({ endpoint, hasToken }: Refusal, repo: string): string {
    const page = `${endpoint}/${repo}`;
    return hasToken
        ? `${repo} is gated: accept its terms on the page ${page} with the token's account, then try again`
        : `${repo} is gated: accept its terms on the page ${page}, then try again with a token`;
}

function noRepositoryMessage({ host, hasToken }: Refusal, repo: string): string {
    const reason = hasToken
        ? "it is private and the token may not read it"
        : "it is private and needs a token";
    return `There is no repository ${repo} on ${host}; check the spelling, or ${reason}`;
}

export function offlineError(host: string, cause: unknown): AppError {
    const code = networkCode(cause);
    if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code))
        return new AppError(
            "net/offline",
            `The certificate of ${host} is not trusted here (${code}); behind a company proxy, set NODE_EXTRA_CA_CERTS to its certificate`,
            { cause },
        );
    return new AppError("net/offline", `${host} cannot be reached; check the connection`, {
        cause,
        detail: code,
        retry: true,
    });
}

/** What a proxy means that opens no tunnel; undefined when that is not what happened, or when trying again can help. */
export function proxyRefusal(host: string, error: unknown): AppError | undefined {
    for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
        // undici's ProxyAgent says it in its message only.
        const status = Number(/^Proxy response \((\d{3})\)/.exec(at.message)?.[1] ?? 0);
        if (status < 400 || status >= 500) continue;
        const message =
            status === 407
                ? "The proxy wants a user and a password (status 407); put them into HTTPS_PROXY, as in http://user:password@host:port"
                : `The proxy opens no connection to ${host} (status ${status}); ask who runs it, or name the host in NO_PROXY`;
        return new AppError("net/http", message, { cause: error });
    }
    return undefined;
}

/** `ECONNREFUSED` and the like, from wherever fetch hides it; an empty text when there is none. */
export function networkCode(error: unknown): string {
    for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
        const code = (at as { code?: unknown }).code;
        if (typeof code === "string") return code.slice(0, 80);
    }
    return "";
}

/** The same file must be read from the first byte to the last; another one under its name is not a continuation. */
export function changedError(target: Target, detail: string): AppError {
    return new AppError(
        "data/hash",
        `${target.file ?? target.repo} of ${target.repo} changed while it was read; start again`,
        { detail },
    );
}
