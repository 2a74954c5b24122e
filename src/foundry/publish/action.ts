/** Where the Hub says that bytes are to be sent: addresses, checked before anything goes there. */

import { notAHub } from "../hub/api";
import type { HubHttp } from "../hub/http";

export interface Action {
    href: string;
    header: Record<string, string>;
}

/** Of the web, and as protected as the Hub's own. Throws AppError net/http. */
export function checkAddress(http: HubHttp, value: unknown): string {
    const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
    const isSafe =
        url?.protocol === "https:" || url?.protocol === new URL(http.address.endpoint).protocol;
    if (url && isSafe && /^https?:$/.test(url.protocol)) return url.href;
    throw notAHub(http.host, "an upload has no address, or one that is not protected");
}
