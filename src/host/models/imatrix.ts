/** Asks for an importance matrix: its path typed or browsed for, or back to the types. */

import { window } from "vscode";
import { pickOne } from "./pick";
import { parsePath } from "./source";

export type ImatrixChoice = { kind: "file"; path: string } | { kind: "back" };

/** Undefined when the person stopped. `what`: the type or model that it is for. */
export async function pickImatrix(
    what: string,
    homeFolder: string,
): Promise<ImatrixChoice | undefined> {
    const picked = await pickOne<ImatrixChoice | { kind: "browse" }>({
        title: `Importance Matrix for ${what}`,
        placeholder: "Path of a .gguf or .dat file that llama-imatrix made from this very model",
        rows: [
            {
                label: "$(folder-opened) Browse for an Importance Matrix...",
                value: { kind: "browse" },
            },
            {
                label: "$(arrow-left) Choose Another Type",
                detail: "Types of at least 3 bits, such as Q3_K_M or IQ4_XS, do without",
                value: { kind: "back" },
            },
        ],
        fromText: (text) => {
            const path = parsePath(text, homeFolder);
            if (!path || !/\.(gguf|dat)$/i.test(path)) return undefined;
            return { label: `$(file) Use ${path}`, value: { kind: "file", path } };
        },
    });
    if (picked?.kind !== "browse") return picked;
    const [file] =
        (await window.showOpenDialog({
            title: "Importance Matrix",
            filters: { "Importance matrices": ["gguf", "dat"] },
            openLabel: "Use",
        })) ?? [];
    return file && { kind: "file", path: file.fsPath };
}
