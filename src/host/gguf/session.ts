/**
 * One page of the inspector on the host's side: passes what the page asks on to a worker of its own, which is started when it is needed, stays
 * for the next question and ends with the page. Templates are programs of whoever made the file, so each is run in a worker that can be ended.
 */

import { basename } from "node:path";
import { AppError, cancelled, isCancelled } from "../../base/errors";
import type { Disposable } from "../../base/lifecycle";
import type { CallContext, Handlers } from "../../protocol/channel";
import type {
    GgufPlace,
    InspectorHostSide,
    InspectorRequests,
    KeyEdit,
    WorkDone,
} from "../../protocol/inspector";
import type { WorkerPort } from "../models/workers";

export interface SessionOptions {
    startWorker: () => WorkerPort;
    /** Where the model is, with the Hub's token of now. */
    place: () => Promise<GgufPlace>;
    /** Runs work again after the person has mended the access to the Hub. */
    withAccess: <T>(work: () => Promise<T>) => Promise<T>;
    copy: (text: string) => Thenable<void>;
    /** Absolute path; undefined: the person went back. */
    pickImatrix: (place: GgufPlace) => Promise<string | undefined>;
    /** Asks where a copy goes and passes on what `write` reports; undefined: the person went back. */
    writeCopy: (
        place: GgufPlace,
        write: (
            out: string,
            context: { signal: AbortSignal; progress: (value: WorkDone) => void },
        ) => Promise<{ bytes: number }>,
    ) => Promise<boolean>;
    /** How long a chat template may take. */
    templateLimitMs: number;
}

type Name = keyof InspectorRequests;
type ProgressOf<K extends Name> = InspectorRequests[K] extends { progress: infer P } ? P : never;

export class InspectorSession implements Disposable {
    private worker: WorkerPort | undefined;
    private readonly others = new Set<WorkerPort>();
    private isGone = false;

    constructor(private readonly options: SessionOptions) {}

    readonly handlers: Handlers<InspectorHostSide> = {
        open: (_, context) =>
            this.options.withAccess(() => this.ask("inspector/open", {}, context)),
        keys: (params, context) => this.ask("inspector/keys", params, context),
        value: (params, context) => this.ask("inspector/value", params, context),
        tokens: (params, context) => this.ask("inspector/tokens", params, context),
        tensors: (params, context) => this.ask("inspector/tensors", params, context),
        block: (params, context) => this.ask("inspector/block", params, context),
        values: (params, context) => this.ask("inspector/values", params, context),
        methods: (params, context) => this.ask("inspector/methods", params, context),
        needs: (params, context) => this.ask("inspector/needs", params, context),
        pickImatrix: async () => {
            const { place, pickImatrix } = this.options;
            const path = await pickImatrix(await place());
            return path === undefined ? undefined : { path, name: basename(path) };
        },
        template: (params) => this.template(params),
        saveCopy: ({ edits }) => this.saveCopy(edits),
        copy: async ({ text }) => {
            await this.options.copy(String(text));
        },
    };

    dispose(): void {
        this.isGone = true;
        this.worker?.dispose();
        for (const worker of this.others) worker.dispose();
    }

    private async ask<K extends Name>(
        method: K,
        params: Omit<InspectorRequests[K]["params"], "place">,
        context: Pick<CallContext<ProgressOf<K>>, "signal" | "progress">,
    ): Promise<InspectorRequests[K]["result"]> {
        const place = await this.options.place();
        if (this.isGone) throw cancelled();
        const worker = (this.worker ??= this.options.startWorker());
        try {
            const given = { ...params, place } as never;
            const options = { signal: context.signal, onProgress: context.progress } as never;
            return await worker.request(method, given, options);
        } catch (error) {
            if (error instanceof AppError && error.code === "engine/gone") this.forget(worker);
            throw error;
        }
    }

    private async saveCopy(edits: KeyEdit[]): Promise<boolean> {
        const { place, writeCopy } = this.options;
        return writeCopy(await place(), (out, context) =>
            this.ask("inspector/copy", { edits, out }, context),
        );
    }

    /** The next question starts another. */
    private forget(worker: WorkerPort): void {
        if (this.worker === worker) this.worker = undefined;
        worker.dispose();
    }

    private async template(
        params: Omit<InspectorRequests["inspector/template"]["params"], "place">,
    ): Promise<InspectorRequests["inspector/template"]["result"]> {
        const place = await this.options.place();
        if (this.isGone) throw cancelled();
        const worker = this.options.startWorker();
        this.others.add(worker);
        let isLate = false;
        const timer = setTimeout(() => {
            isLate = true;
            worker.dispose();
        }, this.options.templateLimitMs);
        try {
            return await worker.request("inspector/template", { ...params, place });
        } catch (error) {
            if (!isLate || isCancelled(error)) throw error;
            throw new AppError(
                "data/template",
                `The chat template was stopped: it had not ended after ${this.options.templateLimitMs / 1000} s; choose another model for chat`,
            );
        } finally {
            clearTimeout(timer);
            this.others.delete(worker);
            worker.dispose();
        }
    }
}
