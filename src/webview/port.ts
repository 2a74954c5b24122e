/** The page's end of the channel, and the draft that survives the page. The only file that touches `acquireVsCodeApi`. */

import type { Frame, Port } from "../protocol/channel";

interface VsCodeApi {
    postMessage(message: unknown): void;
    getState(): unknown;
    setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export interface PageHost {
    port: Port;
    draft: () => string;
    saveDraft: (text: string) => void;
    /** What a page without a draft keeps while it is hidden. */
    state: () => unknown;
    saveState: (state: unknown) => void;
}

/** To be called once: VS Code hands out its API a single time. */
export function openHost(): PageHost {
    const api = acquireVsCodeApi();
    const port: Port = {
        send: (frame) => api.postMessage(frame),
        onFrame(listener) {
            window.addEventListener("message", (event: MessageEvent<Frame>) => {
                if (typeof event.data === "object" && "t" in event.data) listener(event.data);
            });
        },
        // The page ends with its view: nobody is left to be told.
        onClose: () => undefined,
        close: () => undefined,
    };
    return {
        port,
        draft() {
            const state = api.getState() as { draft?: unknown } | undefined;
            return typeof state?.draft === "string" ? state.draft : "";
        },
        saveDraft: (draft) => api.setState({ draft }),
        state: () => api.getState(),
        saveState: (state) => api.setState(state),
    };
}
