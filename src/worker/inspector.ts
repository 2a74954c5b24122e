/**
 * The worker's side of the GGUF inspector. Every request names its model; the last one stays open, as its pages are asked for one after the
 * other. A worker that has ended is replaced by another without anybody noticing but for the time.
 */

import { basename } from "node:path";
import type { Log } from "../base/log";
import { readImatrix } from "../foundry/quant/imatrix";
import { viewBlock } from "../lab/inspect/blockView";
import { copyWithEdits } from "../lab/inspect/copy";
import { findFiles } from "../lab/inspect/files";
import type { Native } from "../lab/inspect/floats";
import { keyPage, keyValue } from "../lab/inspect/keys";
import { compareMethods } from "../lab/inspect/learn";
import { InspectedModel } from "../lab/inspect/model";
import { needsOf } from "../lab/inspect/needs";
import { overviewOf } from "../lab/inspect/overview";
import { TensorTable } from "../lab/inspect/tensors";
import { viewTemplate } from "../lab/inspect/templates";
import { summarize } from "../lab/inspect/values";
import { tokenPage } from "../lab/inspect/vocabulary";
import { openNative } from "./native";
import type { CallContext, Handlers } from "../protocol/channel";
import type { GgufPlace, InspectorRequests, WorkDone } from "../protocol/inspector";

interface Opened {
    model: InspectedModel;
    table: TensorTable;
}

function progressOf(context: CallContext<WorkDone>) {
    const { signal } = context;
    return {
        signal,
        onProgress: (done: number, total: number) => context.progress({ done, total }),
    };
}

export class Inspectors {
    private readonly log: Log;
    private readonly ending = new AbortController();
    private current: { key: string; opened: Promise<Opened> } | undefined;

    constructor(log: Log) {
        this.log = log.child("inspector");
    }

    readonly handlers: Handlers<{ requests: InspectorRequests; events: object }> = {
        "inspector/open": async ({ place }) => {
            this.close();
            return overviewOf((await this.open(place)).model);
        },
        "inspector/keys": async ({ place, ...params }) =>
            keyPage((await this.open(place)).model, params),
        "inspector/value": async ({ place, ...params }) =>
            keyValue((await this.open(place)).model, params),
        "inspector/tokens": async ({ place, ...params }) =>
            tokenPage((await this.open(place)).model, params),
        "inspector/template": async ({ place, ...params }) =>
            viewTemplate((await this.open(place)).model, params),
        "inspector/tensors": async ({ place, ...params }) =>
            (await this.open(place)).table.page(params),
        "inspector/block": async ({ place, ...params }) =>
            viewBlock((await this.open(place)).model, params, this.native()),
        "inspector/values": async ({ place, tensor }, context) =>
            summarize((await this.open(place)).model, tensor, {
                native: this.native(),
                isRemote: place.kind === "hub",
                ...progressOf(context),
            }),
        "inspector/methods": async ({ place, tensor, imatrix }, context) =>
            compareMethods((await this.open(place)).model, tensor, {
                native: this.native(),
                imatrix:
                    imatrix === undefined
                        ? undefined
                        : await readImatrix(imatrix, basename(imatrix)),
                ...progressOf(context),
            }),
        "inspector/needs": async ({ place, contextTokens }) =>
            needsOf((await this.open(place)).model, contextTokens),
        "inspector/copy": async ({ place, edits, out }, context) =>
            copyWithEdits((await this.open(place)).model, edits, out, {
                signal: context.signal,
                onProgress: (value) => context.progress(value),
            }),
    };

    /** Ends what is read of the network. */
    stop(): void {
        this.ending.abort();
    }

    /** What of it does not need native code works where that does not. */
    private native(): Native {
        try {
            return openNative();
        } catch (error) {
            this.log.warn("no native part", { error: String(error) });
            return undefined;
        }
    }

    private open(place: GgufPlace): Promise<Opened> {
        const key = JSON.stringify(place);
        if (this.current?.key === key) return this.current.opened;
        this.close();
        const opened = this.openModel(place);
        const current = (this.current = { key, opened });
        opened.catch(() => {
            if (this.current === current) this.current = undefined;
        });
        return opened;
    }

    private close(): void {
        this.current?.opened
            .then(({ model }) => model.close())
            .catch((error: unknown) => this.log.debug("closed", { error: String(error) }));
        this.current = undefined;
    }

    private async openModel(place: GgufPlace): Promise<Opened> {
        const files = await findFiles(place, {
            log: this.log,
            signal: this.ending.signal,
        });
        const model = await InspectedModel.open(files);
        this.log.info("opened", { where: model.where, readBytes: model.readBytes });
        return { model, table: new TensorTable(model) };
    }
}
