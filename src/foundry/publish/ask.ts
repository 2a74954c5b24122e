/** Requests that change something on the Hub: JSON out, JSON in, and what a refusal means for the person who publishes. */

import { AppError, type ErrorCode } from "../../base/errors";
import { notAHub } from "../hub/api";
import { refusalError, type Target } from "../hub/errors";
import { discard, type Answer, type HubHttp, type HubRequest, type RequestBody } from "../hub/http";
import { plainText } from "./plainText";

const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;

export type Json = Record<string, unknown>;

export function textBody(text: string): RequestBody {
    const bytes = Buffer.from(text);
    return {
        sizeBytes: bytes.length,
        async *open() {
            yield bytes;
        },
    };
}

export function postJson(url: string, value: unknown, type = "application/json"): HubRequest {
    return {
        url,
        method: "POST",
        headers: { Accept: type, "Content-Type": type },
        body: textBody(JSON.stringify(value)),
    };
}

/** The answer as an object. Throws AppError net/*, data/hash, user/usage, cancelled. */
export async function askJson(
    http: HubHttp,
    request: HubRequest,
    repo: string,
    signal: AbortSignal,
): Promise<Json> {
    const answer = await http.request(request, toTarget(repo), signal);
    if (!answer.response.ok) throw await refusedWrite(http, answer, repo);
    try {
        const value: unknown = JSON.parse(await readText(answer, MAX_ANSWER_BYTES));
        if (typeof value === "object" && value !== null) return value as Json;
    } catch (cause) {
        throw notAHub(http.host, cause);
    }
    throw notAHub(http.host, "the answer is no object");
}

export function toTarget(repo: string): Target {
    return { repo, revision: "main" };
}

/** What a status means when something was to be written. The Hub's own words go along: it knows quotas and faulty cards. */
export async function refusedWrite(http: HubHttp, answer: Answer, repo: string): Promise<AppError> {
    const { status, headers } = answer.response;
    const { host } = answer;
    const { endpoint, token } = http.address;
    const words = await wordsOf(answer);
    const says = words === "" ? "" : `; it says: ${words}`;
    const page = `${endpoint}/settings/tokens`;
    const error = (code: ErrorCode, message: string, more: { page?: string } = {}) =>
        new AppError(code, message, { detail: `status ${status}${says}`, ...more });
    switch (status) {
        case 401:
            return error(
                "net/auth",
                `${host} does not accept the token; make a new one that may write at ${page}`,
                { page },
            );
        case 403:
            return error(
                "net/auth",
                `${host} does not let this token write to ${repo}; make one that may at ${page}${says}`,
                { page },
            );
        case 409:
        case 412:
            return error(
                "net/http",
                `${repo} was changed by somebody else at the same time; look at it, then publish again`,
            );
        case 413:
            return error(
                "net/http",
                `A file of ${repo} is larger than ${host} takes; split the model smaller with ingot quantize --type COPY --split-max-size${says}`,
            );
        case 400:
        case 422:
            return error("user/usage", `${host} does not take what is published${says}`);
        default:
            return refusalError(
                {
                    status,
                    errorCode: headers.get("x-error-code") ?? "",
                    endpoint,
                    hasToken: token !== undefined,
                    host,
                },
                toTarget(repo),
            );
    }
}

/** The reason in the header or in the body; an empty text when there is none. */
async function wordsOf(answer: Answer): Promise<string> {
    const inHeader = plainText(answer.response.headers.get("x-error-message"));
    if (inHeader !== undefined) {
        await discard(answer.response);
        return inHeader;
    }
    try {
        const body = JSON.parse(await readText(answer, MAX_REFUSAL_BYTES)) as { error?: unknown };
        return plainText(body.error) ?? "";
    } catch {
        // A refusal without words is still one.
        return "";
    }
}

async function readText(answer: Answer, maxBytes: number): Promise<string> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of answer.chunks()) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw new RangeError("the answer is too long");
        chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
}
