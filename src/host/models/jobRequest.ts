/** What a job does in words, and with or without the secret that goes along. Pure. */

import type { JobRequest } from "./pendingJob";
import { sourceName } from "./source";

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
        case "imatrix":
            return titles(
                "Measuring",
                "Measured",
                `importances of ${fileName(request.params.model)}`,
            );
        case "compare": {
            const { files, types } = request.params;
            const what = types.length > 0 ? `types of ${fileName(files[0] ?? "")}` : "models";
            return titles("Comparing", "Compared", what);
        }
        case "download":
            return titles("Downloading", "Downloaded", request.params.repo);
        case "publish":
            return titles("Publishing", "Published", request.params.repo);
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
    if (request.kind === "publish")
        return { kind: "publish", params: replaceToken(request.params, token) };
    if (request.kind === "compare" || request.kind === "imatrix") return request;
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

function fileName(path: string): string {
    return (path.split(/[\\/]/).at(-1) ?? path).replace(/\.gguf$/i, "");
}
