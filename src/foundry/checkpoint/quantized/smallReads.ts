/** Reads whole small tensors while a conversion is planned: shapes and states that quantizers store beside the weights. */

import { AppError } from "../../../base/errors";
import type { SourceTensor } from "../index";
import type { CheckpointSource, FileReader } from "../source";

/** Far more than any state or bias takes. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Requests at a time: a checkpoint has one such tensor for every linear layer. */
const AT_A_TIME = 8;

export class SmallReads {
    private readonly files = new Map<string, Promise<FileReader>>();
    private readonly waiting: (() => void)[] = [];
    private nRunning = 0;

    constructor(
        private readonly source: CheckpointSource,
        private readonly signal: AbortSignal | undefined,
    ) {}

    readonly read = async (tensor: SourceTensor): Promise<Uint8Array> => {
        if (tensor.bytes > MAX_BYTES)
            throw new AppError(
                "data/checkpoint",
                `${tensor.name.slice(0, 120)} has ${tensor.bytes} bytes, which is too much for its kind; download the checkpoint again`,
            );
        while (this.nRunning >= AT_A_TIME)
            await new Promise<void>((resolve) => this.waiting.push(resolve));
        this.nRunning++;
        try {
            const open = this.files.get(tensor.file) ?? this.source.open(tensor.file);
            this.files.set(tensor.file, open);
            return await (await open).read(tensor.offset, tensor.bytes, this.signal);
        } finally {
            this.nRunning--;
            this.waiting.shift()?.();
        }
    };

    async close(): Promise<void> {
        const readers = await Promise.allSettled(this.files.values());
        for (const reader of readers) if (reader.status === "fulfilled") await reader.value.close();
    }
}
