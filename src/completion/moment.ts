/**
 * A moment of typing as a fixture (`ingot-moment/1`): the document, the cursor, the settings, and what came of it, so that
 * `npm run bench -- replay` can ask again. It holds code; it is made only when a person asks for it. Pure.
 */

import type { Snippet } from "../protocol/completion";
import type { CallRecord } from "./calls";
import {
    keptPart,
    type CompletionDocument,
    type CompletionSettings,
    type Trigger,
} from "./request";
import type { OutcomeRecord } from "./records";

export const MOMENT_FORMAT = "ingot-moment/1";

export interface Moment {
    format: typeof MOMENT_FORMAT;
    /** What is in it, for whoever opens the file. */
    note: string;
    /** Version of the extension, and when (ISO 8601). */
    ingot: string;
    recorded: string;
    document: {
        path: string;
        languageId: string;
        /** Line ends are `\n`. */
        text: string;
        /** Offset into it, in UTF-16 units. */
        cursor: number;
        /** False when only what is around the cursor is here, as much as is ever sent to the engine. */
        isWhole: boolean;
    };
    trigger: Trigger;
    settings: CompletionSettings;
    /** Undefined when the model was not asked. */
    model?: { name: string; fingerprint: string } | undefined;
    then: Pick<OutcomeRecord, "outcome" | "totalMs">;
    /** Of the pieces of other files only those that the model saw. */
    call?: CallRecord | undefined;
}

export interface MomentFacts {
    document: CompletionDocument;
    settings: CompletionSettings;
    record: OutcomeRecord;
    call: CallRecord | undefined;
    ingot: string;
    recorded: string;
}

/** More text than this is not a fixture that anybody reads. */
const WHOLE_CHARACTERS = 100_000;

export function makeMoment(facts: MomentFacts): Moment {
    const { document, settings, record, call, ingot, recorded } = facts;
    const { path, languageId } = document;
    const prefix = document.prefix.replace(/\r\n?/g, "\n");
    const suffix = document.suffix.replace(/\r\n?/g, "\n");
    const isWhole = prefix.length + suffix.length <= WHOLE_CHARACTERS;
    const kept = isWhole ? { prefix, suffix } : keptPart({ prefix, suffix });
    const { trigger, outcome, totalMs } = record;
    const model = call?.inspection;
    // Where the files are on this computer is nobody's business.
    const used = call && {
        ...call,
        snippets: shownSnippets(call).map((snippet) => ({ ...snippet, file: undefined })),
    };
    const others = used?.snippets.map((snippet) => snippet.path) ?? [];
    const files = [path, ...new Set(others)].join(", ");
    return {
        format: MOMENT_FORMAT,
        note: `Holds code of ${files}, the prompt made of it and the model's answer. Read it before you share it.`,
        ingot,
        recorded,
        document: {
            path,
            languageId,
            text: kept.prefix + kept.suffix,
            cursor: kept.prefix.length,
            isWhole,
        },
        trigger,
        settings,
        model: model && { name: model.model, fingerprint: model.fingerprint },
        then: { outcome, totalMs },
        call: used,
    };
}

/** Of what was offered, the pieces that are in the prompt, in its order. */
function shownSnippets({ inspection, snippets }: CallRecord): Snippet[] {
    const pieces = inspection?.pieces ?? [];
    return pieces.flatMap(
        ({ kind, path }) => snippets.find((one) => one.kind === kind && one.path === path) ?? [],
    );
}
