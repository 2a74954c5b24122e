/** The tensors of a model by page, sorted by any column. */

import type { Page, PageParams, TensorColumn, TensorRow } from "../../protocol/inspector";
import type { InspectedModel, PlacedTensor } from "./model";
import { pageOf } from "./page";

export interface TensorQuery extends PageParams {
    sort: TensorColumn;
    descending: boolean;
}

/** Sorting 200,000 rows takes longer than cutting a page out of them, and the next page is of the same order. */
export class TensorTable {
    private sorted: { key: string; tensors: readonly PlacedTensor[] } | undefined;

    constructor(private readonly model: InspectedModel) {}

    /** The filter looks in names, and for a type or a shape. */
    page(query: TensorQuery): Page<TensorRow> {
        const tensors = this.inOrder(query);
        const wanted = query.filter.toLowerCase();
        const fits = (i: number) => {
            const tensor = tensors[i];
            if (!tensor) return false;
            const { name, type, shape } = tensor;
            return (
                name.toLowerCase().includes(wanted) ||
                type.toLowerCase() === wanted ||
                shape.join(" x ") === wanted
            );
        };
        return pageOf(tensors.length, wanted === "" ? undefined : fits, query, (i) =>
            rowOf(tensors[i] as PlacedTensor),
        );
    }

    private inOrder({ sort, descending }: TensorQuery): readonly PlacedTensor[] {
        const key = `${sort} ${descending}`;
        if (this.sorted?.key === key) return this.sorted.tensors;
        const compare = COMPARE[sort];
        const sign = descending ? -1 : 1;
        const tensors = compare
            ? [...this.model.tensors].sort((a, b) => sign * compare(a, b))
            : descending
              ? [...this.model.tensors].reverse()
              : this.model.tensors;
        this.sorted = { key, tensors };
        return tensors;
    }
}

type Compare = (a: PlacedTensor, b: PlacedTensor) => number;

/** Layers by number, not by digit. */
const names = new Intl.Collator("en", { numeric: true });

const COMPARE: Readonly<Record<TensorColumn, Compare | undefined>> = {
    place: undefined,
    name: (a, b) => names.compare(a.name, b.name),
    type: (a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0),
    shape: (a, b) => a.nElements - b.nElements,
    bytes: (a, b) => a.sizeBytes - b.sizeBytes,
    bits: (a, b) => a.sizeBytes / a.nElements - b.sizeBytes / b.nElements,
};

export function rowOf({
    name,
    type,
    shape,
    nElements,
    sizeBytes,
    position,
    part,
}: PlacedTensor): TensorRow {
    return {
        name,
        type,
        shape,
        nValues: nElements,
        bytes: sizeBytes,
        bitsPerWeight: (sizeBytes * 8) / nElements,
        position,
        part,
    };
}
