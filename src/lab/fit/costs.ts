/** Expected loss of a tensor as a type: its measured error times how much that matters. Sums of it are compared. Pure. */

import type { GgmlTypeName } from "../../gguf/types";
import type { Errors } from "./measure";

/** Types that lose nothing that counts. */
const WHOLE: readonly GgmlTypeName[] = ["F32", "F16", "BF16"];

export class Costs {
    constructor(
        private readonly errors: readonly Errors[],
        private readonly sensitivities: readonly number[],
    ) {}

    /** In nats of divergence; undefined for a type that was not measured. */
    of(tensor: number, type: GgmlTypeName): number | undefined {
        const error = this.errors[tensor]?.get(type) ?? (WHOLE.includes(type) ? 0 : undefined);
        return error === undefined ? undefined : error * (this.sensitivities[tensor] ?? 0);
    }
}
