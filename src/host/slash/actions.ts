/** Which entries the light bulb gets at a place. Pure. */

import type { SlashName } from "../../prompt/slash/table";

export type ActionName = Extract<SlashName, "fix" | "explain" | "doc" | "tests">;

export function actionsFor(place: {
    nProblems: number;
    hasSelection: boolean;
    isDeclaration: boolean;
}): ActionName[] {
    const { nProblems, hasSelection, isDeclaration } = place;
    const names: ActionName[] = nProblems > 0 ? ["fix", "explain"] : [];
    if (hasSelection) names.push("explain", "doc", "tests");
    else if (isDeclaration) names.push("doc", "tests");
    return [...new Set(names)];
}
