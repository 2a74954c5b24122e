/**
 * The Hub's token and what to do when a repository refuses: the person opens its page, sets a token, tries again. Pure but for what is passed
 * in. Tokens are kept by the origin they were made for.
 */

import { AppError, cancelled } from "../../base/errors";

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_ENDPOINT = "https://huggingface.co";

/** The address that is in force: the setting, else HF_ENDPOINT, else the public Hub. Undefined when it is no address. */
export function hubAddress(setting: string, env: Environment): string | undefined {
    const address = setting || env["HF_ENDPOINT"]?.trim() || DEFAULT_ENDPOINT;
    return URL.canParse(address) ? address.replace(/\/+$/, "") : undefined;
}

/** Origin that a token belongs to. */
export function hubOrigin(setting: string, env: Environment): string | undefined {
    const address = hubAddress(setting, env);
    return address === undefined ? undefined : new URL(address).origin;
}

/** Why the text cannot be a token; undefined when it can. An empty text is fine: it removes the token. */
export function tokenProblem(text: string): string | undefined {
    const token = text.trim();
    if (/^[\x21-\x7e]*$/.test(token) && token.length <= 500) return undefined;
    return "A token has no spaces and no special letters; copy it again";
}

export const ACCESS = { page: "Open Page", token: "Set Token", again: "Try Again" } as const;

export interface AccessUi {
    /** Undefined when the person closed it. */
    choose(text: string, labels: readonly string[]): Promise<string | undefined>;
    openPage(address: string): Promise<void>;
    /** False when the person gave up. */
    setToken(): Promise<boolean>;
}

/** Runs the work, and again as long as the person mends the access in between. The work must read the token anew. */
export async function withAccess<T>(work: () => Promise<T>, ui: AccessUi): Promise<T> {
    for (;;) {
        try {
            return await work();
        } catch (error) {
            if (!(error instanceof AppError) || error.code !== "net/auth") throw error;
            await mend(error, ui);
        }
    }
}

async function mend({ message, page }: AppError, ui: AccessUi): Promise<void> {
    for (;;) {
        const labels = [...(page === undefined ? [] : [ACCESS.page]), ACCESS.token, ACCESS.again];
        const chosen = await ui.choose(message, labels);
        if (chosen === undefined) throw cancelled();
        if (chosen === ACCESS.again) return;
        if (chosen === ACCESS.token && (await ui.setToken())) return;
        if (chosen === ACCESS.page && page !== undefined) await ui.openPage(page);
    }
}

/** The editor's own proxy setting for a child that knows only variables; variables that are set win. */
export function proxyEnvironment(
    env: Environment,
    proxy: unknown,
    noProxy: unknown,
): Record<string, string> {
    const isSet = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].some(
        (name) => env[name] || env[name.toLowerCase()],
    );
    if (isSet || typeof proxy !== "string" || proxy === "") return {};
    const hosts = Array.isArray(noProxy) ? noProxy.filter((host) => typeof host === "string") : [];
    return {
        HTTPS_PROXY: proxy,
        HTTP_PROXY: proxy,
        ...(hosts.length > 0 ? { NO_PROXY: hosts.join(",") } : {}),
    };
}
