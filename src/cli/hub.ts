/** `ingot models search | files | fetch`: what the Hub has, through the worker. Without a network: what the Hub cache has. */

import { AppError } from "../base/errors";
import { formatBytes, formatDuration, formatParameters, formatRate } from "../base/format";
import { defaultModelsFolder, listAllModels } from "../library/library";
import type {
    HubFetchEvent,
    HubFetchResult,
    HubModel,
    HubPage,
    HubSearchResult,
    HubSort,
} from "../protocol/hub";
import { onePositional, readArgs, usage, wholeNumber } from "./args";
import { EXIT, type CliContext } from "./context";
import { printable, table } from "./output";
import { askWorker } from "./worker";

const SORTS: readonly HubSort[] = ["downloads", "likes", "modified", "trending"];

export async function searchCommand(context: CliContext): Promise<number> {
    const { values, positionals } = readArgs(context.args, {
        gguf: { type: "boolean", default: false },
        safetensors: { type: "boolean", default: false },
        license: { type: "string" },
        author: { type: "string" },
        "min-downloads": { type: "string" },
        "min-parameters": { type: "string" },
        "max-parameters": { type: "string" },
        sort: { type: "string", default: "downloads" },
        limit: { type: "string", default: "20" },
    });
    if (values.gguf && values.safetensors) throw usage("Choose --gguf or --safetensors");
    const sort = SORTS.find((name) => name === values.sort);
    if (!sort) throw usage(`--sort takes ${SORTS.join(", ")}`);
    const least = values["min-downloads"];
    let result: HubSearchResult;
    try {
        result = await askWorker(context, "hub/search", {
            text: positionals.join(" "),
            format: values.gguf ? "gguf" : values.safetensors ? "safetensors" : undefined,
            license: values.license,
            author: values.author,
            minDownloads: least ? wholeNumber(least, "--min-downloads", 0, 1e12) : undefined,
            minParameters: parameters(values["min-parameters"], "--min-parameters"),
            maxParameters: parameters(values["max-parameters"], "--max-parameters"),
            sort,
            limit: wholeNumber(values.limit, "--limit", 1, 200),
        });
    } catch (error) {
        if (!isOffline(error)) throw error;
        return listCached(context, error, positionals);
    }
    const { models } = result;
    if (context.json) context.out(`${JSON.stringify(result, undefined, 2)}\n`);
    else if (models.length > 0)
        context.out(printable(`${table(models.map(searchRow), HEADING)}\n`));
    if (models.length === 0) context.note("No model matches");
    if (result.hasMore) context.note("There are more; --limit N shows more of them");
    return EXIT.done;
}

const HEADING = ["repository", "parameters", "downloads", "licence", "formats", "access"];

function searchRow(model: HubModel): string[] {
    return [
        model.id,
        model.nParameters === undefined ? "" : formatParameters(model.nParameters),
        String(model.downloads),
        model.license ?? "",
        model.formats.join(" "),
        model.gated ? "gated" : model.private ? "private" : "",
    ];
}

/** `7B`, `500M` or a plain number. */
function parameters(text: string | undefined, name: string): number | undefined {
    if (text === undefined) return undefined;
    const [, digits, unit] = /^(\d+(?:\.\d+)?)([MB]?)$/i.exec(text) ?? [];
    if (digits === undefined) throw usage(`${name} takes a number such as 500M or 7B`);
    return Number(digits) * { M: 1e6, B: 1e9, "": 1 }[(unit ?? "").toUpperCase() as "M"];
}

/** The failure is still a failure; what is here helps on. */
async function listCached(
    { starterPath, note, out, json }: CliContext,
    error: AppError,
    words: readonly string[],
): Promise<number> {
    note(error.message);
    const { models } = await listAllModels(starterPath, defaultModelsFolder());
    const cached = models.filter(
        ({ origin, repo, name }) =>
            origin === "hub" &&
            words.every((word) =>
                `${repo ?? ""}/${name}`.toLowerCase().includes(word.toLowerCase()),
            ),
    );
    note(cached.length > 0 ? "In the Hub cache of this computer:" : "The Hub cache is empty");
    const rows = cached.map(({ name, sizeBytes, path }) => [name, formatBytes(sizeBytes), path]);
    if (json) out(`${JSON.stringify({ models: [], offline: true, cached }, undefined, 2)}\n`);
    else if (rows.length > 0) out(printable(`${table(rows)}\n`));
    return EXIT.failed;
}

function isOffline(error: unknown): error is AppError {
    return error instanceof AppError && error.code === "net/offline";
}

export async function filesCommand(context: CliContext): Promise<number> {
    const { values, positionals } = readArgs(context.args, { revision: { type: "string" } });
    const repo = onePositional(positionals, "REPO");
    const page = await askWorker(context, "hub/page", { repo, revision: values.revision });
    if (page.offline) context.note("The Hub cannot be reached; these files are in the cache");
    if (page.gated && !page.hasAccess)
        context.note(`Gated: accept its terms on ${page.url}, then set HF_TOKEN`);
    if (context.json) context.out(`${JSON.stringify(page, undefined, 2)}\n`);
    else context.out(printable(describePage(page)));
    return EXIT.done;
}

function describePage(page: HubPage): string {
    const facts = [
        page.nParameters === undefined ? "" : `${formatParameters(page.nParameters)} parameters`,
        page.license ? `licence ${page.license}` : "",
        page.gated ? "gated" : "",
        `commit ${page.commit.slice(0, 12)}`,
    ];
    const types = new Map(page.ggufs.map(({ file, type }) => [file, type ?? ""]));
    const rows = page.files.map(({ path, sizeBytes, cached }) => [
        path,
        formatBytes(sizeBytes),
        types.get(path) ?? "",
        cached === undefined ? "" : "in the cache",
    ]);
    return `${page.id}: ${facts.filter(Boolean).join(", ")}\n\n${table(rows)}\n`;
}

export async function fetchCommand(context: CliContext): Promise<number> {
    const { values, positionals } = readArgs(context.args, {
        file: { type: "string", multiple: true, default: [] },
        revision: { type: "string" },
    });
    const repo = onePositional(positionals, "REPO");
    const result = await askWorker(
        context,
        "hub/fetch",
        { repo, revision: values.revision, files: values.file },
        (event) => showProgress(context, event),
    );
    context.progress.end();
    if (result.offline) context.note("The Hub cannot be reached; all of it is in the cache");
    context.out(context.json ? `${JSON.stringify(result, undefined, 2)}\n` : describe(result));
    return EXIT.done;
}

function showProgress({ progress }: CliContext, event: HubFetchEvent): void {
    if (event.stage === "list") return;
    const { bytesPerSecond, secondsLeft, doneBytes: done, totalBytes: total } = event;
    const detail =
        bytesPerSecond === undefined || secondsLeft === undefined
            ? undefined
            : `${formatRate(bytesPerSecond)}, ${formatDuration(secondsLeft)} left`;
    progress.show({ label: "Downloading", done, total, detail });
}

function describe({ files, bytes, commit }: HubFetchResult): string {
    const paths = files.map(({ file }) => file);
    const nNew = files.filter(({ isNew }) => isNew).length;
    const summary = `${nNew} of ${files.length} files downloaded, ${formatBytes(bytes)}, commit ${commit.slice(0, 12)}`;
    return printable([...paths, summary, ""].join("\n"));
}
