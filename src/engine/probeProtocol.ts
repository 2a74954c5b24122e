/** What the engine asks of a probe: each question goes to a fresh, throwaway child, because any of them may crash it. */

import type { LogEntry } from "../base/log";
import type { NativeDevice, OpenOptions } from "../node/native";

/** `""` = CPU libraries. */
export type Variant = "" | "vulkan" | "cuda" | "metal";

export interface Selection {
    variant: Variant;
    /** Device names as node-llama-cpp reports them; empty without a GPU. */
    devices: string[];
    vramBytes: number;
}

export interface ProbeSide {
    requests: {
        /** Which backend node-llama-cpp would use here. */
        "probe/select": { params: void; result: Selection };
        /**
         * Opens the libraries with our addon, as the engine will, and lets `trial`, a small model, say two tokens with all layers
         * offloaded: a driver can be too old for the first kernel although every library opens.
         */
        "probe/open": {
            params: OpenOptions & { trial?: string | undefined };
            result: { release: string; devices: NativeDevice[] };
        };
        /** Layers of a (validated) model that fit on the GPU beside a context of that size. */
        "probe/layers": {
            params: { path: string; variant: Variant; contextTokens: number };
            result: number;
        };
    };
    events: Record<never, never>;
}

export interface ProbeClientSide {
    requests: Record<never, never>;
    events: { log: LogEntry };
}
