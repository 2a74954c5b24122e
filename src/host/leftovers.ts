/** What an earlier window left to be gone on with: looked for once this one has started, so that nothing is loaded when there is nothing. */

import { readdir } from "node:fs/promises";
import type { Core } from "./core";
import type { Parts } from "./parts";

/** Of this workspace's storage; `edit/savedReviews.ts` writes it. */
export const REVIEWS_FOLDER = "reviews";

/** Jobs that were running, edits under review. Failures are shown. Never rejects. */
export async function resumeLeftovers(
    core: Pick<Core, "state" | "notify" | "folder">,
    parts: Pick<Parts, "library" | "assistant">,
): Promise<void> {
    const resume = async (work: () => Promise<unknown>) => {
        try {
            await work();
        } catch (error) {
            void core.notify.error(error);
        }
    };
    await Promise.all([
        resume(async () => {
            if (core.state.pendingJobs.length > 0) await (await parts.library.get()).resume();
        }),
        resume(async () => {
            const files = await readdir(core.folder(REVIEWS_FOLDER)).catch((): string[] => []);
            // It looks by itself for the documents that are open.
            if (files.some((file) => file.endsWith(".json"))) await parts.assistant.get();
        }),
    ]);
}
