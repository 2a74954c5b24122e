/**
 * fetch through a company proxy: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in either case. Node's own fetch of the versions that we
 * run on does not read them, so undici's is used when one of them is set, and Node's when none is. undici is loaded only then: it is half
 * of the code of a worker.
 */

import { AppError } from "../../base/errors";

type Environment = Readonly<Record<string, string | undefined>>;

export interface ProxyChoice {
    httpProxy: string | undefined;
    httpsProxy: string | undefined;
    noProxy: string | undefined;
}

/** Undefined when no proxy is set. Throws AppError user/setting for one that is not HTTP. */
export function chooseProxy(env: Environment): ProxyChoice | undefined {
    const read = (name: string) => (env[name.toLowerCase()] || env[name] || "").trim() || undefined;
    const all = read("ALL_PROXY");
    const httpProxy = checkProxy(read("HTTP_PROXY") ?? all);
    const httpsProxy = checkProxy(read("HTTPS_PROXY") ?? all);
    if (httpProxy === undefined && httpsProxy === undefined) return undefined;
    return { httpProxy, httpsProxy, noProxy: read("NO_PROXY") };
}

/** `proxy.example:8080` means HTTP, as it does for curl. */
function checkProxy(given: string | undefined): string | undefined {
    if (given === undefined) return undefined;
    const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`;
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url?.protocol === "http:" || url?.protocol === "https:") return address;
    throw new AppError(
        "user/setting",
        `The proxy address ${JSON.stringify(withoutPassword(given))} cannot be used; set HTTPS_PROXY to one that begins with http://`,
    );
}

function withoutPassword(address: string): string {
    return address.replace(/\/\/[^@/]*@/, "//***@").slice(0, 100);
}

/** fetch as the environment wants it. */
export function environmentFetch(env: Environment): typeof fetch {
    const choice = chooseProxy(env);
    if (choice === undefined) return (input, init) => fetch(input, init);
    let through: Promise<typeof fetch> | undefined;
    return async (input, init) => (await (through ??= proxyFetch(choice)))(input, init);
}

async function proxyFetch({ httpProxy, httpsProxy, noProxy }: ProxyChoice): Promise<typeof fetch> {
    const undici = await import("./undici");
    const dispatcher = new undici.EnvHttpProxyAgent({
        ...(httpProxy === undefined ? {} : { httpProxy }),
        ...(httpsProxy === undefined ? {} : { httpsProxy }),
        noProxy: noProxy ?? "",
    });
    // The two declare the same interface in two places.
    const through = undici.fetch as unknown as (
        input: Parameters<typeof fetch>[0],
        init: object,
    ) => Promise<Response>;
    return (input, init) => through(input, { ...init, dispatcher });
}
