/** How a model of this computer stands in a list to choose from. Pure. */

import { formatBytes } from "../../base/format";
import { notes } from "./needs";
import type { PickRow } from "./pick";
import type { ModelFile } from "./rows";

/** `note`: said behind type and size. */
export function modelRow<T>(
    { name, fileType, sizeBytes }: ModelFile,
    value: T,
    note?: string | false,
): PickRow<T> {
    return {
        label: `$(file-binary) ${name}`,
        description: notes([fileType, formatBytes(sizeBytes), note]),
        value,
    };
}
