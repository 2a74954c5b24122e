/**
 * "Convert as...": a model of an unknown architecture is offered the rules of the families that there are, the nearest first. That the
 * result may be wrong is said in the list, and by the result's warnings. Pure.
 */

import { AppError } from "../../base/errors";
import type { FamilyChoice } from "../../protocol/worker";
import type { PickRow } from "./pick";

/** Runs the work; when it lacks rules for the architecture, again with the family that `choose` gives. Undefined: the person stopped. */
export async function withFamily<T>(
    work: (family: string | undefined) => Promise<T>,
    choose: () => Promise<string | undefined>,
): Promise<T | undefined> {
    try {
        return await work(undefined);
    } catch (error) {
        if (!(error instanceof AppError) || error.code !== "data/architecture") throw error;
    }
    const family = await choose();
    return family === undefined ? undefined : work(family);
}

export function familyRow({ id, title, nUnplaced, nTensors }: FamilyChoice): PickRow<string> {
    const detail =
        nUnplaced === 0
            ? "Has a place for every tensor"
            : `Has no place for ${nUnplaced} of ${nTensors} tensors, so it will be refused`;
    return { label: id, description: title, detail, value: id };
}
