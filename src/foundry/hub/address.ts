/**
 * Which Hub is asked and with whose token: the caller's choice, else HF_ENDPOINT and HF_TOKEN, else the public Hub and the token file
 * that the Hub's own command line keeps. A token goes with the address that it was made for and is never lent to another one.
 */

import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../base/errors";
import type { HubAccess } from "../../protocol/hub";
import type { HubAddress } from "./http";

export const DEFAULT_ENDPOINT = "https://huggingface.co";

type Environment = Readonly<Record<string, string | undefined>>;

const MAX_TOKEN_FILE_BYTES = 4096;

/**
 * A token that nobody chose for this address (of HF_TOKEN or of the token file) is sent only to the address that the same
 * environment names. Throws AppError user/setting.
 */
export function chooseAddress(
    choice: HubAccess,
    env: Environment,
    home: string = homedir(),
): HubAddress {
    const usual = checkEndpoint((env["HF_ENDPOINT"] ?? "").trim());
    const chosen = (choice.endpoint ?? "").trim();
    const endpoint = chosen === "" ? usual : checkEndpoint(chosen);
    const own = (choice.token ?? "").trim();
    const isUsual = new URL(endpoint).origin === new URL(usual).origin;
    const token = own || (isUsual ? foundToken(env, home) : "");
    if (!/^[\x21-\x7e]*$/.test(token))
        throw new AppError(
            "user/setting",
            "The Hub token has characters that no token has; copy it again",
        );
    return { endpoint, token: token || undefined };
}

/** The order of huggingface_hub (utils/_auth.py): variables, then the file of `hf auth login`. */
function foundToken(env: Environment, home: string): string {
    if (isOn(env["HF_HUB_DISABLE_IMPLICIT_TOKEN"])) return "";
    const named = (env["HF_TOKEN"] || env["HUGGING_FACE_HUB_TOKEN"] || "").trim();
    return named || readTokenFile(tokenPath(env, home));
}

function tokenPath(env: Environment, home: string): string {
    if (env["HF_TOKEN_PATH"]) return env["HF_TOKEN_PATH"];
    const cache = env["XDG_CACHE_HOME"] || join(home, ".cache");
    return join(env["HF_HOME"] || join(cache, "huggingface"), "token");
}

/** An unreadable file is as good as none: most people have none. */
function readTokenFile(path: string): string {
    try {
        const status = statSync(path);
        if (!status.isFile() || status.size > MAX_TOKEN_FILE_BYTES) return "";
        return readFileSync(path, "utf8").trim();
    } catch {
        return "";
    }
}

/** Whether the person has asked for no network at all (huggingface_hub's own variables). */
export function isOfflineMode(env: Environment): boolean {
    return isOn(env["HF_HUB_OFFLINE"]) || isOn(env["TRANSFORMERS_OFFLINE"]);
}

function isOn(value: string | undefined): boolean {
    return /^(1|on|yes|true)$/i.test(value ?? "");
}

function checkEndpoint(given: string): string {
    if (given === "") return DEFAULT_ENDPOINT;
    const url = URL.canParse(given) ? new URL(given) : undefined;
    const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
    if (!url || !isWeb || url.username || url.password || url.search || url.hash)
        throw new AppError(
            "user/setting",
            `${JSON.stringify(given.slice(0, 100))} is not the address of a Hub; set one like ${DEFAULT_ENDPOINT}`,
        );
    return url.href.replace(/\/+$/, "");
}
