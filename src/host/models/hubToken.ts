/** `Ingot: Set Hub Token...` and the questions about access: the glue between hubAccess.ts and the editor. */

import { env, Uri, window } from "vscode";
import type { Notify } from "../notify";
import { hubAddress, hubOrigin, tokenProblem, type AccessUi } from "./hubAccess";

export interface TokenStore {
    hubToken(origin: string): Thenable<string | undefined>;
    /** Undefined forgets it. */
    setHubToken(origin: string, token: string | undefined): Thenable<void>;
}

export interface TokenOptions {
    store: TokenStore;
    notify: Notify;
    /** The setting `ingot.hub.endpoint`. */
    endpoint: () => string;
}

/** The token for the address in force. */
export async function currentToken({ store, endpoint }: TokenOptions): Promise<string | undefined> {
    const origin = hubOrigin(endpoint(), process.env);
    return origin === undefined ? undefined : store.hubToken(origin);
}

/** Argument `{ token }` sets it without asking. False when the person gave up. */
export async function setHubToken(options: TokenOptions, given?: unknown): Promise<boolean> {
    const { store, notify, endpoint } = options;
    const address = hubAddress(endpoint(), process.env);
    const origin = hubOrigin(endpoint(), process.env);
    if (address === undefined || origin === undefined) {
        await notify.warn("The setting ingot.hub.endpoint is not an address; change it first");
        return false;
    }
    const argument = (given as { token?: unknown } | undefined)?.token;
    const text =
        typeof argument === "string"
            ? argument
            : await window.showInputBox({
                  title: `Token for ${origin}`,
                  prompt: `Make one that may read (write, to publish) at ${address}/settings/tokens. Empty: forget the token.`,
                  password: true,
                  ignoreFocusOut: true,
                  validateInput: (value) => tokenProblem(value),
              });
    if (text === undefined) return false;
    const token = text.trim();
    await store.setHubToken(origin, token || undefined);
    return true;
}

export function accessUi(options: TokenOptions): AccessUi {
    return {
        choose: (text, labels) => options.notify.choose(text, labels),
        openPage: async (address) => void (await env.openExternal(Uri.parse(address))),
        setToken: () => setHubToken(options),
    };
}
