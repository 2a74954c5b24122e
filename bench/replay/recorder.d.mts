/** Types of recorder.mjs, for the tests. */
import type { CallRecord } from "../../src/completion/calls";
import type { OutcomeRecord } from "../../src/completion/records";

export interface Result {
    record?: OutcomeRecord;
    call?: CallRecord;
    words?: string;
    stage?: string;
}

export function gapsOf(result: Result): string[];
