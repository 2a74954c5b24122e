/** A copy of a file with other metadata, from the person's side: where it goes, that it can be cancelled, that it was written. */

import { commands, Uri, window } from "vscode";
import { AppError } from "../../base/errors";
import { formatBytes } from "../../base/format";
import { GGUF_EDITOR } from "../manifest";
import { withNotification } from "../models/notification";
import { fileName } from "../models/source";
import type { SessionOptions } from "./session";

export const writeCopy: SessionOptions["writeCopy"] = async (place, write) => {
    if (place.kind !== "file")
        throw new AppError(
            "user/usage",
            "Only a file of this computer can be copied; get the model first with Ingot: Get a Model...",
        );
    const suggested = place.path.replace(/(\.gguf)?$/i, "-edited.gguf");
    const target = await window.showSaveDialog({
        title: "Save a Copy with the Changes",
        defaultUri: Uri.file(suggested),
        filters: { "GGUF models": ["gguf"] },
        saveLabel: "Save Copy",
    });
    if (!target) return false;
    const out = target.fsPath;
    const { bytes } = await withNotification(`Writing ${fileName(out)}`, (signal, report) => {
        let before = 0;
        return write(out, {
            signal,
            progress: ({ done, total }) => {
                const percent = (100 * done) / total;
                report({ message: `${Math.floor(percent)} %`, increment: percent - before });
                before = percent;
            },
        });
    });
    const open = "Open";
    void window
        .showInformationMessage(`${fileName(out)} was written, ${formatBytes(bytes)}.`, open)
        .then((chosen) => {
            if (chosen === open)
                void commands.executeCommand("vscode.openWith", target, GGUF_EDITOR);
        });
    return true;
};
