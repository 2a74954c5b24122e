/**
 * Running hashes behind one interface: SHA-256 on a native thread where the addon is open, else node's on this one. Only the native one has
 * a state that outlives the process.
 */

import { createHash } from "node:crypto";
import { AppError } from "../base/errors";
import type { NativeAddon } from "./native";

/** Calls take effect in their order. */
export interface RunningHash {
    /** Settles when the bytes are taken in; until then they must stay as they are. */
    update(bytes: Uint8Array): Promise<void>;
    /** What another process can go on from, after all updates so far; undefined when this hash has no such thing. */
    save(): Promise<Uint8Array | undefined>;
    /** In lower-case hex. Nothing may follow. */
    digest(): Promise<string>;
}

/** `state`: of a hash that this very function began and that was saved. */
export type StartSha256 = (state?: Uint8Array) => RunningHash;

export function nodeHash(algorithm: "sha256" | "sha1", head = ""): RunningHash {
    const hash = createHash(algorithm).update(head);
    return {
        update: async (bytes) => void hash.update(bytes),
        save: async () => undefined,
        digest: async () => hash.digest("hex"),
    };
}

export const nodeSha256: StartSha256 = (state) => {
    if (state) throw new AppError("bug/internal", "Only the addon's hashes can be gone on with");
    return nodeHash("sha256");
};

/** For hashes that another process may go on with. */
export function nativeSha256(addon: Pick<NativeAddon, "createSha256">): StartSha256 {
    return (state) => addon.createSha256(state);
}

/** For hashes that are only taken. */
export function fastestSha256(addon: NativeAddon): StartSha256 {
    return addon.hasShaInstructions ? nativeSha256(addon) : nodeSha256;
}

/** Eight words of four bytes, then the count of bytes; what does not fill a block of 64 follows. */
const COUNT_AT = 32;
const HEAD_BYTES = 40;
const BLOCK_BYTES = 64;

/** Whether this is the state of a SHA-256 after so many bytes, as far as its form tells. */
export function isStateAfter(state: Uint8Array, bytes: number): boolean {
    if (state.length !== HEAD_BYTES + (bytes % BLOCK_BYTES)) return false;
    const view = new DataView(state.buffer, state.byteOffset);
    return view.getBigUint64(COUNT_AT) === BigInt(bytes);
}
