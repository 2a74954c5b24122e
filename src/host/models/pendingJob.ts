/** What a job does, as plain data: kept between windows, so that a job whose window was reloaded goes on. Pure. */

import type { CompareParams } from "../../protocol/compare";
import type { HubFetchParams } from "../../protocol/hub";
import type { ImatrixParams } from "../../protocol/lab";
import type { PublishParams } from "../../protocol/publish";
import type { ConvertParams, QuantizeParams } from "../../protocol/worker";

export type JobRequest =
    | { kind: "convert"; params: ConvertParams }
    | { kind: "quantize"; params: QuantizeParams }
    | { kind: "imatrix"; params: ImatrixParams }
    | { kind: "compare"; params: CompareJob }
    | { kind: "download"; params: HubFetchParams }
    | { kind: "publish"; params: PublishParams };

/** A comparison, and the file in which its figures are kept. */
export interface CompareJob extends CompareParams {
    /** Absolute path. */
    record: string;
}

/** A job that has not ended. */
export interface PendingJob {
    id: string;
    /** Without a token: whoever goes on with it adds the present one. */
    request: JobRequest;
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
        case "imatrix":
            return has("model", "out", "format") && Array.isArray(params["texts"]);
        case "compare":
            return has("record") && Array.isArray(params["files"]);
        case "download":
        case "publish":
            return has("repo") && Array.isArray(params["files"]);
        default:
            return false;
    }
}
