/** A model to be measured: its file validated, its weights loaded, with progress. */

import { totalmem } from "node:os";
import { basename } from "node:path";
import { onAbort } from "../base/cancel";
import { AppError, cancelled, isCancelled } from "../base/errors";
import { namingFile } from "../gguf/broken";
import { validateModel } from "../gguf/validate";
import { readGgufParts } from "../library/ggufParts";
import type { NativeAddon, NativeModel } from "../node/native";
import type { LabEvent } from "../protocol/lab";

export interface LabEnvironment {
    native: NativeAddon;
    signal: AbortSignal;
    onProgress: (event: LabEvent) => void;
}

/** Throws AppError `user/no-model`, `data/gguf`, `env/memory`, `engine/load`. */
export async function openModel(path: string, environment: LabEnvironment): Promise<NativeModel> {
    const { native, signal, onProgress } = environment;
    const { files } = await readGgufParts(path);
    await namingFile(basename(path), () => validateModel(files, { memoryBytes: totalmem() }));
    const task = native.loadModel({ path, gpuLayers: 0 }, (fraction) =>
        onProgress({ stage: "load", done: Math.round(fraction * 100), total: 100 }),
    );
    const stop = onAbort(signal, () => task.abort());
    try {
        return await task.done;
    } catch (error) {
        if (signal.aborted || isCancelled(error)) throw cancelled();
        const reason = error instanceof Error ? error.message : String(error);
        throw new AppError(
            "engine/load",
            `llama.cpp cannot load ${basename(path)}: ${reason.split("\n")[0]?.replace(/\.$/, "")}; choose another model or convert it again`,
            { detail: reason, cause: error },
        );
    } finally {
        stop();
    }
}

/** Cancelled while the model did what cannot be ended. Who cancelled does not wait for that. */
export class CancelledInUse extends AppError {
    constructor() {
        super("cancelled", "Cancelled");
    }
}

/** Runs `use` with the model and closes it. */
export async function withModel<T>(
    path: string,
    environment: LabEnvironment,
    use: (model: NativeModel) => Promise<T>,
): Promise<T> {
    const model = await openModel(path, environment);
    let error: unknown;
    try {
        return await use(model);
    } catch (thrown) {
        error = thrown;
        throw thrown;
    } finally {
        await closeModel(model, error);
    }
}

/** `error`: what ended the work with it. */
export async function closeModel(model: Pick<NativeModel, "close">, error: unknown): Promise<void> {
    const closed = model.close();
    if (!(error instanceof CancelledInUse)) await closed;
}
