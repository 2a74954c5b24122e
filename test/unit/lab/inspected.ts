/** Models in memory for the tests of the inspector, and everything that its page would ask about one. */

import { createLog } from "../../../src/base/log";
import type { ModelBytes, ModelFiles } from "../../../src/lab/inspect/files";
import { keyPage, keyValue } from "../../../src/lab/inspect/keys";
import { InspectedModel } from "../../../src/lab/inspect/model";
import { overviewOf } from "../../../src/lab/inspect/overview";
import { TensorTable } from "../../../src/lab/inspect/tensors";
import { viewTemplate } from "../../../src/lab/inspect/templates";
import { tokenPage } from "../../../src/lab/inspect/vocabulary";

export const quietLog = createLog("test", () => undefined);

export interface CountedFiles extends ModelFiles {
    /** What was read. */
    nBytes: number;
}

/** `sizes`: a file may be longer than its bytes; the rest are zeros. The first one is opened. */
export function filesOf(
    files: Readonly<Record<string, Uint8Array>>,
    sizes: Readonly<Record<string, number>> = {},
): CountedFiles {
    const [first = ""] = Object.keys(files);
    const result: CountedFiles = {
        where: `/models/${first}`,
        name: first,
        nBytes: 0,
        names: () => Promise.resolve(Object.keys(files)),
        open: (name) => Promise.resolve(open(name)),
    };
    const open = (name: string): ModelBytes => {
        const bytes = files[name] ?? new Uint8Array();
        const size = sizes[name] ?? bytes.length;
        return {
            name,
            size,
            read(offset, length) {
                const out = new Uint8Array(Math.min(length, size - offset));
                out.set(bytes.subarray(offset, offset + out.length));
                result.nBytes += out.length;
                return Promise.resolve(out);
            },
            close: () => Promise.resolve(),
        };
    };
    return result;
}

export const openBytes = (bytes: Uint8Array, size = bytes.length) =>
    InspectedModel.open(filesOf({ "model.gguf": bytes }, { "model.gguf": size }));

const ALL = { from: 0, count: 100, filter: "" };

/** Asks all that the page asks while a person looks through every tab. */
export async function lookThrough(model: InspectedModel) {
    const overview = overviewOf(model);
    const keys = keyPage(model, ALL);
    const values = keys.rows.map(({ key }) => keyValue(model, { key, from: 0, count: 100 }));
    const tokens = tokenPage(model, ALL);
    const templates = overview.templates.map((name) =>
        viewTemplate(model, { name, withSystem: true }),
    );
    const tensors = new TensorTable(model).page({ ...ALL, sort: "bytes", descending: true });
    await model.close();
    return { overview, keys, values, tokens, templates, tensors };
}
