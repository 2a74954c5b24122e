/** What a job does, as plain data: kept between windows, so that a job whose window was reloaded goes on. Pure. */

import type { HubFetchParams } from "../../protocol/hub";
import type { ConvertParams, QuantizeParams } from "../../protocol/worker";
import { sourceName } from "./source";

export type JobRequest =
    | { kind: "convert"; params: ConvertParams }
    | { kind: "quantize"; params: QuantizeParams }
    | { kind: "download"; params: HubFetchParams };

/** A job that has not ended. */
export interface PendingJob {
    id: string;
    /** Without a token: whoever goes on with it adds the present one. */
    request: JobRequest;
}

export interface JobTitles {
    /** Without the verb and the owner, for narrow places. */
    what: string;
    running: string;
    done: string;
    failed: string;
}

export function titlesOf(request: JobRequest): JobTitles {
    const titles = (doing: string, did: string, what: string) => ({
        what: what.replace(/^\S+\//, ""),
        running: `${doing} ${what}`,
        done: `${did} ${what}`,
        failed: `Not ${did.toLowerCase()}: ${what}`,
    });
    switch (request.kind) {
        case "convert": {
            const { source, type } = request.params;
            return titles("Converting", "Converted", `${sourceName(source)} to ${type}`);
        }
        case "quantize": {
            const { file, type } = request.params;
            return titles("Quantizing", "Quantized", `${fileName(file)} to ${type}`);
        }
        case "download":
            return titles("Downloading", "Downloaded", request.params.repo);
    }
}

/** As it may be kept: secrets stay where they are. */
export function withoutToken(request: JobRequest): JobRequest {
    return withToken(request, undefined);
}

/** With the token in place of whatever it has; the endpoint stays. */
export function withToken(request: JobRequest, token: string | undefined): JobRequest {
    if (request.kind === "download")
        return { kind: "download", params: replaceToken(request.params, token) };
    if (request.kind === "quantize" || request.params.source.kind === "folder") return request;
    const source = replaceToken(request.params.source, token);
    return { kind: "convert", params: { ...request.params, source } };
}

function replaceToken<T extends { token?: string | undefined }>(
    value: T,
    token: string | undefined,
): T {
    const copy = { ...value };
    delete copy.token;
    return token === undefined ? copy : { ...copy, token };
}

/** The stored value if it is one that this version understands: another version may have written it. */
export function isPendingJob(value: unknown): value is PendingJob {
    const { id, request } = (value ?? {}) as Partial<PendingJob>;
    if (typeof id !== "string" || typeof request?.params !== "object") return false;
    const params = request.params as unknown as Record<string, unknown>;
    const has = (...names: string[]) => names.every((name) => typeof params[name] === "string");
    switch (request.kind) {
        case "convert":
            return has("type", "out") && typeof params["source"] === "object";
        case "quantize":
            return has("type", "out", "file");
        case "download":
            return has("repo") && Array.isArray(params["files"]);
        default:
            return false;
    }
}

function fileName(path: string): string {
    return (path.split(/[\\/]/).at(-1) ?? path).replace(/\.gguf$/i, "");
}
