/** Asks for a GGUF file of this computer: of the library, typed or browsed for. */

import { window } from "vscode";
import { modelRow } from "./modelRow";
import { pickOne } from "./pick";
import type { ModelFile } from "./rows";
import { parsePath } from "./source";

export interface FileQuestion {
    title: string;
    /** Of the dialog that browses. */
    dialogTitle: string;
    /** What is done with it, as on a button: `Quantize`. */
    verb: string;
    library: () => Promise<ModelFile[]>;
    homeFolder: string;
}

type FileChoice = { kind: "file"; path: string } | { kind: "browse" };

/** Absolute path; undefined when the person stopped. */
export async function pickFile(question: FileQuestion): Promise<string | undefined> {
    const { title, dialogTitle, verb, homeFolder } = question;
    const library = (await question.library()).filter(({ problem }) => problem === undefined);
    const picked = await pickOne<FileChoice>({
        title,
        placeholder: "A model of this computer, or the path of a GGUF file",
        rows: [
            { separator: "On this computer" },
            ...library.map((model) =>
                modelRow<FileChoice>(model, { kind: "file", path: model.path }),
            ),
            { label: "$(folder-opened) Browse for a GGUF File...", value: { kind: "browse" } },
        ],
        fromText: (text) => {
            const path = parsePath(text, homeFolder);
            if (!path?.toLowerCase().endsWith(".gguf")) return undefined;
            return { label: `$(file-binary) ${verb} ${path}`, value: { kind: "file", path } };
        },
    });
    if (picked?.kind !== "browse") return picked?.path;
    const [file] =
        (await window.showOpenDialog({
            title: dialogTitle,
            filters: { "GGUF models": ["gguf"] },
            openLabel: verb,
        })) ?? [];
    return file?.fsPath;
}
