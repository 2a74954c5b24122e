/**
 * Requests to a Hub: token, redirects, retries, waits and stalls. The token goes to the Hub's own origin and nowhere else, which
 * is why redirects are followed here and not by fetch. Knows no API; what an answer means is for its callers.
 */

import { AppError, isCancelled } from "../../base/errors";
import { delay, throwIfAborted } from "../../base/cancel";
import type { Log } from "../../base/log";
import { networkCode, offlineError, proxyRefusal, refusalError, type Target } from "./errors";
import { Guard, toError } from "./guard";
import { environmentFetch } from "./proxy";

/** The outside, replaceable in tests. */
export interface HubIo {
    fetch: typeof fetch;
    delay(ms: number, signal?: AbortSignal): Promise<void>;
    /** A connection that brings nothing for so long is given up. */
    stallMs: number;
}

let environment: typeof fetch | undefined;

export const realIo: HubIo = {
    fetch: (input, init) => (environment ??= environmentFetch(process.env))(input, init),
    delay,
    stallMs: 60_000,
};

export interface HubAddress {
    /** Without a slash at the end. */
    endpoint: string;
    token: string | undefined;
}

/** What is sent along; read anew for every attempt. */
export interface RequestBody {
    sizeBytes: number;
    open(): AsyncIterable<Uint8Array>;
}

export interface HubRequest {
    url: string;
    /** Default: GET. */
    method?: "GET" | "POST" | "PUT";
    headers?: Record<string, string>;
    body?: RequestBody;
    /** Doing it twice is not doing it once: only what the other side has surely not begun is sent again. */
    isOnce?: boolean;
}

export interface Answer {
    response: Response;
    /** Where the answer came from, after redirects. */
    url: string;
    host: string;
    /** Of the Hub's own answer, before it sent the request elsewhere. */
    firstHop: Headers;
    /** The body; throws when the connection breaks or stalls. Ending early closes the connection. */
    chunks(): AsyncGenerator<Uint8Array, void, void>;
}

const MAX_REDIRECTS = 5;
const MAX_TRIES = 6;
const FIRST_WAIT_MS = 500;
/** Waiting longer than this for a rate limit looks like a hang; better to say so. */
const MAX_RATE_WAIT_S = 330;

/** Grows from half a second: 0.5, 1, 2, 4, then 8 seconds. */
export function backOffMs(nFailures: number): number {
    return FIRST_WAIT_MS * 2 ** Math.min(4, Math.max(0, nFailures - 1));
}

export class HubHttp {
    readonly host: string;
    private readonly origin: string;
    private readonly seenHosts = new Set<string>();

    constructor(
        readonly address: HubAddress,
        private readonly log: Log,
        readonly io: HubIo = realIo,
    ) {
        const url = new URL(address.endpoint);
        this.origin = url.origin;
        this.host = url.host;
    }

    get(
        url: string,
        target: Target,
        headers: Record<string, string> = {},
        signal?: AbortSignal,
    ): Promise<Answer> {
        return this.request({ url, headers }, target, signal);
    }

    /**
     * The answer of the last hop. Rate limits, server errors and broken connections are tried again; any other status is returned.
     * Throws AppError net/offline, net/rate, net/http or cancelled.
     */
    async request(request: HubRequest, target: Target, signal?: AbortSignal): Promise<Answer> {
        for (let tries = 1; ; tries++) {
            throwIfAborted(signal);
            const answer = await this.send(request, signal).catch((error: unknown) =>
                this.afterBreak(error, request, tries, signal),
            );
            if (answer === undefined) continue;
            const { status, ok } = answer.response;
            if (ok || (status < 500 && status !== 429 && status !== 408)) return answer;
            await discard(answer.response);
            const isRefused = status === 429 || status === 503;
            const isLast = tries >= MAX_TRIES || (request.isOnce === true && !isRefused);
            if (isLast) throw this.failure(answer, target);
            const waitMs = status === 429 ? rateWaitMs(answer) : backOffMs(tries);
            this.log.info("waiting for the Hub", { host: answer.host, status, waitMs });
            await this.io.delay(waitMs, signal);
        }
    }

    /** Waits before the next attempt, or throws what the broken connection means. */
    private async afterBreak(
        error: unknown,
        { url, isOnce = false }: HubRequest,
        tries: number,
        signal: AbortSignal | undefined,
    ): Promise<undefined> {
        throwIfAborted(signal);
        if (error instanceof AppError || isCancelled(error)) throw error;
        const { host } = new URL(url);
        const refusal = proxyRefusal(host, error);
        if (refusal) throw refusal;
        if (isOnce || tries >= MAX_TRIES || this.isOffline(host, error))
            throw offlineError(host, error);
        const waitMs = backOffMs(tries);
        this.log.debug("connection failed", { host, code: networkCode(error), waitMs });
        await this.io.delay(waitMs, signal);
    }

    /** Passes a success on; anything else becomes its error. */
    async expectOk(answer: Answer, target: Target): Promise<Answer> {
        if (answer.response.ok) return answer;
        await discard(answer.response);
        throw this.failure(answer, target);
    }

    private failure(answer: Answer, target: Target): AppError {
        const { status, headers } = answer.response;
        if (status === 429) return rateError(answer.host, undefined);
        const { endpoint, token } = this.address;
        return refusalError(
            {
                status,
                errorCode: headers.get("x-error-code") ?? "",
                endpoint,
                hasToken: token !== undefined,
                host: answer.host,
            },
            target,
        );
    }

    /** A host that was never reached and cannot be now will not be in a second. */
    private isOffline(host: string, error: unknown): boolean {
        return (
            !this.seenHosts.has(host) &&
            /^(|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ENETDOWN|.*CERT.*|UNABLE_TO_VERIFY.*)$/.test(
                networkCode(error),
            )
        );
    }

    private async send(
        { url, method = "GET", headers = {}, body }: HubRequest,
        signal: AbortSignal | undefined,
    ): Promise<Answer> {
        const guard = new Guard(this.io.stallMs, signal);
        let at = new URL(url);
        let firstHop: Headers | undefined;
        try {
            for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
                guard.arm();
                const response = await guard.race(
                    this.io.fetch(at.href, {
                        method,
                        redirect: "manual",
                        headers: this.headersFor(at, { ...headers, ...lengthOf(body) }),
                        signal: guard.signal,
                        ...streamOf(body, guard),
                    }),
                );
                firstHop ??= response.headers;
                this.noteHost(at.host);
                const location = response.headers.get("location");
                if (response.status < 300 || response.status >= 400 || location === null) {
                    const chunks = () => readChunks(response, guard);
                    return { response, url: at.href, host: at.host, firstHop, chunks };
                }
                await discard(response);
                // Any other redirect would make a GET of it.
                if (method !== "GET" && response.status !== 307 && response.status !== 308)
                    throw new AppError(
                        "net/http",
                        `${at.host} sends the upload elsewhere, which a Hub does not; check its address`,
                    );
                at = nextHop(at, location);
            }
        } finally {
            guard.rest();
        }
        throw new AppError("net/http", `${at.host} redirects in a circle; check the Hub's address`);
    }

    private headersFor(url: URL, headers: Record<string, string>): Record<string, string> {
        const { token } = this.address;
        if (token === undefined || url.origin !== this.origin) return headers;
        return { ...headers, Authorization: `Bearer ${token}` };
    }

    private noteHost(host: string): void {
        if (this.seenHosts.has(host)) return;
        this.seenHosts.add(host);
        this.log.info("reading from the network", { host });
    }
}

function lengthOf(body: RequestBody | undefined): Record<string, string> {
    return body ? { "Content-Length": String(body.sizeBytes) } : {};
}

/** As a stream: what is sent is on its way through memory only, and every chunk that is taken shows that the connection lives. */
function streamOf(body: RequestBody | undefined, guard: Guard): RequestInit {
    if (!body) return {};
    const chunks = body.open()[Symbol.asyncIterator]();
    const stream = new ReadableStream<Uint8Array>(
        {
            async pull(controller) {
                guard.touch();
                try {
                    const next = await chunks.next();
                    if (next.done) controller.close();
                    else controller.enqueue(next.value);
                } catch (error) {
                    // fetch would wrap it into its own error.
                    guard.end(toError(error));
                    throw error;
                }
            },
            async cancel() {
                await chunks.return?.();
            },
        },
        { highWaterMark: 0 },
    );
    return { body: stream, duplex: "half" } as RequestInit;
}

function nextHop(from: URL, location: string): URL {
    let next: URL;
    try {
        next = new URL(location, from);
    } catch (cause) {
        throw new AppError("net/http", `${from.host} redirects to no address; try again later`, {
            cause,
        });
    }
    const isWeb = next.protocol === "https:" || next.protocol === "http:";
    if (!isWeb || (from.protocol === "https:" && next.protocol !== "https:"))
        throw new AppError(
            "net/http",
            `${from.host} redirects to an address that is not protected (${next.protocol}); check the Hub's address`,
        );
    return next;
}

/** Frees the connection; a body that cannot be cancelled is already gone. */
export async function discard(response: Response): Promise<void> {
    await response.body?.cancel().catch(() => undefined);
}

async function* readChunks(
    response: Response,
    guard: Guard,
): AsyncGenerator<Uint8Array, void, void> {
    const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
    if (!reader) return;
    try {
        for (;;) {
            guard.arm();
            const { done, value } = await guard.race(reader.read());
            if (done) return;
            guard.pause();
            yield value;
        }
    } finally {
        guard.rest();
        await reader.cancel().catch(() => undefined);
    }
}

/** Retry-After (seconds or a date), else the `t=` of the Hub's RateLimit header (draft-ietf-httpapi-ratelimit-headers). */
function rateWaitMs({ response, host }: Answer): number {
    const after = response.headers.get("retry-after")?.trim();
    let waitS = Number(/;\s*t=(\d+)/.exec(response.headers.get("ratelimit") ?? "")?.[1] ?? 10);
    if (after && /^\d+$/.test(after)) waitS = Number(after);
    else if (after && !Number.isNaN(Date.parse(after)))
        waitS = Math.ceil((Date.parse(after) - Date.now()) / 1000);
    if (waitS > MAX_RATE_WAIT_S) throw rateError(host, Math.ceil(waitS / 60));
    return Math.max(1, waitS) * 1000;
}

function rateError(host: string, minutes: number | undefined): AppError {
    const when = minutes === undefined ? "in some minutes" : `in ${minutes} minutes`;
    return new AppError(
        "net/rate",
        `${host} limits how often it is asked; try again ${when}, or with a token`,
        { retry: true },
    );
}
