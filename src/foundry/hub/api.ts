/**
 * Answers of the Hub's API, whole and bounded: a body that breaks off is asked for again. Knows no endpoint; what an answer holds is for
 * its callers, who must check every field.
 */

import { throwIfAborted } from "../../base/cancel";
import { AppError } from "../../base/errors";
import { offlineError, type Target } from "./errors";
import { backOffMs, type HubHttp } from "./http";

const MAX_TRIES = 3;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export interface ApiBody {
    body: Blob;
    headers: Headers;
}

/** Throws AppError: net/*, cancelled. */
export async function getBody(
    http: HubHttp,
    url: string,
    target: Target,
    signal: AbortSignal | undefined,
): Promise<ApiBody> {
    for (let tries = 1; ; tries++) {
        const answer = await http.get(url, target, { Accept: "application/json" }, signal);
        await http.expectOk(answer, target);
        try {
            return {
                body: await readWhole(answer.chunks()),
                headers: answer.response.headers,
            };
        } catch (error) {
            throwIfAborted(signal);
            if (error instanceof AppError) throw error;
            if (tries >= MAX_TRIES) throw offlineError(answer.host, error);
            await http.io.delay(backOffMs(tries), signal);
        }
    }
}

export interface ApiJson {
    value: unknown;
    /** Address of the next page, from the Link header. */
    next: string | undefined;
}

export async function getJson(
    http: HubHttp,
    url: string,
    target: Target,
    signal: AbortSignal | undefined,
): Promise<ApiJson> {
    const { body, headers } = await getBody(http, url, target, signal);
    try {
        return { value: JSON.parse(await body.text()), next: nextPage(headers, url) };
    } catch (error) {
        throw notAHub(http.host, error);
    }
}

/** Only inside the Hub itself: another origin's page would be read as the Hub's. */
function nextPage(headers: Headers, url: string): string | undefined {
    const [, target] = /<([^>]+)>\s*;\s*rel="next"/.exec(headers.get("link") ?? "") ?? [];
    if (target === undefined) return undefined;
    const next = new URL(target, url);
    return next.origin === new URL(url).origin ? next.href : undefined;
}

export function notAHub(host: string, cause: unknown): AppError {
    return new AppError(
        "net/http",
        `${host} did not answer as a Hub does; check its address, then try again`,
        { cause, detail: cause instanceof Error ? cause.message : String(cause) },
    );
}

async function readWhole(chunks: AsyncIterable<Uint8Array>): Promise<Blob> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES)
            throw new AppError("net/http", "The Hub's answer is too long; check its address");
        parts.push(new Uint8Array(chunk));
    }
    return new Blob(parts);
}
