/**
 * Runs a job in front of the person: progress in a notification, then what came of it with "Use for...". The same for a command
 * and for a job that a closed window left. What a job is, is jobs.ts's.
 */

import { AppError } from "../../base/errors";
import { formatBytes } from "../../base/format";
import { writesText } from "../../library/embeddings";
import { readHeader } from "../../library/header";
import type { HubFetchParams, HubFetchResult } from "../../protocol/hub";
import type { ImatrixParams, ImatrixResult } from "../../protocol/lab";
import type { PublishParams, PublishResult } from "../../protocol/publish";
import { describeTokenizerCheck } from "../../protocol/tokenizerCheck";
import type { ConvertParams, ConvertResult, QuantizeParams } from "../../protocol/worker";
import { COMMAND, OPEN_COMMAND } from "../manifest";
import type { Notify } from "../notify";
import { withAccess, type AccessUi } from "./hubAccess";
import { titlesOf, withToken } from "./jobRequest";
import type { Jobs, OnProgress } from "./jobs";
import { withNotification } from "./notification";
import type { CompareJob, PendingJob } from "./pendingJob";
import { describeProgress } from "./rows";
import { fileName, sourceName, type HubOptions } from "./source";

/** Warnings of a result that its message shows; the log has all. */
const MAX_NOTES = 2;

export interface WorkOptions {
    jobs: Jobs;
    notify: Notify;
    hub: () => Promise<HubOptions>;
    /** Asks the person when the Hub refuses. */
    access: AccessUi;
    exists: (path: string) => Promise<boolean>;
    /** Goes on with a comparison that an earlier window left. */
    resumeComparison: (params: CompareJob, id: string) => Promise<void>;
    /** After files were written. */
    onMade: () => void;
}

export class Work {
    constructor(private readonly options: WorkOptions) {}

    async convert(params: ConvertParams, id?: string): Promise<ConvertResult> {
        const { jobs } = this.options;
        const result = await withProgress(titlesOf({ kind: "convert", params }).running, (...on) =>
            jobs.convert(params, ...on, id),
        );
        this.announceFile(sourceName(params.source), result);
        return result;
    }

    async quantize(params: QuantizeParams, id?: string): Promise<ConvertResult> {
        const { jobs } = this.options;
        const result = await withProgress(titlesOf({ kind: "quantize", params }).running, (...on) =>
            jobs.quantize(params, ...on, id),
        );
        this.announceFile(fileName(params.file), result);
        return result;
    }

    /** What it made is offered where a type is chosen, and at once. */
    async imatrix(params: ImatrixParams, id?: string): Promise<ImatrixResult> {
        const { jobs, notify } = this.options;
        const result = await withProgress(titlesOf({ kind: "imatrix", params }).running, (...on) =>
            jobs.imatrix(params, ...on, id),
        );
        const given = { path: params.model, imatrix: result.file };
        void notify.info(measuredWords(result), [
            { label: "Quantize with It", command: COMMAND.quantizeModel, arguments: [given] },
        ]);
        return result;
    }

    /** Absolute path of the first file. `id`: of a job that an earlier window left, here and above. */
    async download(given: HubFetchParams, id?: string): Promise<string> {
        const { jobs, hub, access } = this.options;
        const run = async (): Promise<HubFetchResult> => {
            const request = withToken({ kind: "download", params: given }, (await hub()).token);
            const params = request.kind === "download" ? request.params : given;
            return withProgress(titlesOf(request).running, (...on) =>
                jobs.download(params, ...on, id),
            );
        };
        const { repo, files } = await withAccess(run, access);
        const [first] = files;
        if (!first) throw new AppError("bug/internal", "The download has no file");
        const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
        const what = `${first.path}, ${formatBytes(sizeBytes)}`;
        this.announce(`${repo} is here: ${what}`, first.file);
        return first.file;
    }

    /** Asks for access as often as it takes, and says where it is now. */
    async publish(given: PublishParams, id?: string): Promise<PublishResult> {
        const { jobs, hub, access, notify } = this.options;
        const run = async (): Promise<PublishResult> => {
            const request = withToken({ kind: "publish", params: given }, (await hub()).token);
            const params = request.kind === "publish" ? request.params : given;
            return withProgress(titlesOf(request).running, (...on) =>
                jobs.publish(params, ...on, id),
            );
        };
        const result = await withAccess(run, access);
        const page = result.pullRequestUrl ?? result.url;
        void notify.info(publishedWords(result), [
            { label: "Open Page", command: OPEN_COMMAND, arguments: [page] },
        ]);
        return result;
    }

    /** Goes on with what a closed window left, all at once: the jobs wait for each other. Failures are shown, one message each. */
    async resume(): Promise<void> {
        const left = this.options.jobs.takeInterrupted();
        await Promise.all(left.map((job) => this.resumeOne(job)));
    }

    private async resumeOne({ id, request: given }: PendingJob): Promise<void> {
        try {
            const request = withToken(given, (await this.options.hub()).token);
            if (request.kind === "download") {
                await this.download(request.params, id);
                return;
            }
            if (request.kind === "publish") {
                await this.publish(request.params, id);
                return;
            }
            if (request.kind === "compare") {
                await this.options.resumeComparison(request.params, id);
                return;
            }
            const { out, overwrite } = request.params;
            // It was finished just when the window closed.
            if (overwrite !== true && (await this.options.exists(out))) return;
            if (request.kind === "convert") await this.convert(request.params, id);
            else if (request.kind === "imatrix") await this.imatrix(request.params, id);
            else await this.quantize(request.params, id);
        } catch (error) {
            void this.options.notify.error(error);
        } finally {
            this.options.jobs.forget(id);
        }
    }

    private announceFile(from: string, result: ConvertResult): void {
        const { file, bytes, resumedBytes, tokenizer, warnings } = result;
        const before = resumedBytes > 0 ? `, gone on with after ${formatBytes(resumedBytes)}` : "";
        const check = tokenizer ? `; ${describeTokenizerCheck(tokenizer)}` : "";
        const notes = warnings.slice(0, MAX_NOTES).map((warning) => `. ${warning}`);
        const what = `${fileName(file)}, ${formatBytes(bytes)}${before}${check}${notes.join("")}`;
        this.announce(`${from} is now ${what}`, file);
    }

    private announce(text: string, file: string): void {
        this.options.onMade();
        const use = { path: file };
        const uses = [
            { label: "Use for completions", command: COMMAND.useForCompletions, arguments: [use] },
            { label: "Use for chat", command: COMMAND.useForChat, arguments: [use] },
        ];
        void readHeader(file, false).then((header) =>
            this.options.notify.info(text, !header || writesText(header) ? uses : []),
        );
    }
}

/** What an importance matrix says now, with what of it is worth a warning. */
export function measuredWords(result: ImatrixResult): string {
    const { file, nEntries, nChunks, resumedChunks, warnings } = result;
    const before = resumedChunks > 0 ? `, ${resumedChunks} of them measured before` : "";
    const what = `${nEntries} weights, ${nChunks} chunks${before}`;
    return [`${fileName(file)} is made: ${what}`, ...warnings].join(". ");
}

/** One sentence about what is on the Hub now. */
export function publishedWords(result: PublishResult): string {
    const { repo, files, bytes, isUnchanged, pullRequestUrl } = result;
    if (isUnchanged) return `All of it was in ${repo} already; nothing was changed`;
    const what = `${files.length} ${files.length === 1 ? "file" : "files"}, ${formatBytes(bytes)} sent`;
    if (pullRequestUrl !== undefined) return `A pull request in ${repo} is open: ${what}`;
    return `${repo} is published: ${what}`;
}

function withProgress<R>(
    title: string,
    run: (signal: AbortSignal, onProgress: OnProgress) => Promise<R>,
): Promise<R> {
    return withNotification(title, (signal, report) => {
        let shown = 0;
        return run(signal, (progress) => {
            // Taking hashes comes before the way that is counted.
            const fraction = progress.stage === "hash" ? 0 : (progress.fraction ?? 0);
            const percent = Math.floor(fraction * 100);
            report({ message: describeProgress(progress), increment: percent - shown });
            shown = percent;
        });
    });
}
