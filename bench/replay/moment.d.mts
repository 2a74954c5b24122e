/** Types of moment.mjs, for the tests. */
import type { Moment } from "../../src/completion/moment";
import type { Result } from "./recorder.mjs";

export function settingsOf(moment: Moment): Record<string, unknown>;
export function compare(
    moment: Moment,
    result: Result,
): { isSame: boolean; samePrompt: boolean | null; sameModel: boolean | null };
