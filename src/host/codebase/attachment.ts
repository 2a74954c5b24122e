/** `#codebase` as context of a question in the side bar: searched for each question anew. */

import { nothing, type Attachment } from "../chat/attach/attachment";
import type { Codebase } from "./codebase";
import { MAX_PLACES, placeBlocks } from "./places";

export function codebaseAttachment(codebase: Codebase): Attachment {
    return {
        id: "codebase",
        kind: "codebase",
        label: "Codebase",
        tooltip: "What the workspace's files say about the question",
        async resolve() {
            codebase.check();
            return { label: "codebase", text: "" };
        },
        search: async (question, { maxCharacters, signal, onActivity }) => {
            const options = { limit: MAX_PLACES, signal, onActivity };
            const places = await codebase.search(question, options);
            if (places.length === 0)
                throw nothing(
                    "Nothing in the workspace fits the question; ask in other words, or add a file with #",
                );
            return placeBlocks(places, maxCharacters);
        },
    };
}
