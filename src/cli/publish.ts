/** `ingot publish FILE... --repo NAME`: shows what would go where, asks, then sends it from the worker. Nothing goes without a yes. */

import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { AppError, cancelled } from "../base/errors";
import { formatBytes, formatDuration, formatRate } from "../base/format";
import { refuseOut } from "../node/outPlace";
import type { PublishEvent, PublishPlan, PublishResult } from "../protocol/publish";
import { readArgs, usage } from "./args";
import { EXIT, type CliContext, type Command } from "./context";
import { printable, table } from "./output";
import { askWorker } from "./worker";

export const publish: Command = {
    name: "publish",
    usage: "FILE... [--repo [OWNER/]NAME] [--private] [--pull-request] [--license ID] [--license-name TEXT] [--license-link URL] [--base-model OWNER/NAME] [--table FILE] [--card FILE | --keep-card] [--write-card FILE [--overwrite]] [--message TEXT] [--dry-run] [--yes]",
    summary: "Sends GGUF files with a model card to your repository on the Hub.",
    async run(context) {
        const { values, positionals } = readArgs(context.args, {
            repo: { type: "string" },
            private: { type: "boolean" },
            "pull-request": { type: "boolean", default: false },
            license: { type: "string" },
            "license-name": { type: "string" },
            "license-link": { type: "string" },
            "base-model": { type: "string" },
            table: { type: "string" },
            card: { type: "string" },
            "keep-card": { type: "boolean", default: false },
            "write-card": { type: "string" },
            overwrite: { type: "boolean", default: false },
            message: { type: "string" },
            "dry-run": { type: "boolean", default: false },
            yes: { type: "boolean", default: false },
        });
        if (positionals.length === 0) throw usage("FILE is missing");
        if (values.card !== undefined && values["keep-card"])
            throw usage("Choose --card or --keep-card");
        const files = positionals.map((file) => resolve(file));
        const { card: cardFile, table: tableFile, "write-card": written } = values;
        const inputs = [...files, ...[cardFile, tableFile].filter((file) => file !== undefined)];
        if (written !== undefined) await refuseOut(written, values.overwrite, inputs);
        const own = cardFile === undefined ? undefined : await readCard(cardFile);
        const plan = await askWorker(context, "publish/plan", {
            files,
            repo: values.repo,
            private: values.private,
            pullRequest: values["pull-request"],
            license: values.license,
            licenseName: values["license-name"],
            licenseLink: values["license-link"],
            baseModel: values["base-model"],
            table: tableFile === undefined ? undefined : resolve(tableFile),
        });
        const isKept = values["keep-card"] && plan.hasCard;
        const card = isKept ? undefined : (own ?? plan.card);
        if (written !== undefined) await writeFile(written, card ?? plan.card);
        if (values["dry-run"]) {
            const shown = { ...plan, card };
            context.out(
                context.json ? `${JSON.stringify(shown, undefined, 2)}\n` : preview(plan, card),
            );
            return EXIT.done;
        }
        context.note(preview(plan, card));
        await confirm(context, plan, values.yes);
        const result = await askWorker(
            context,
            "publish/run",
            {
                repo: plan.repo,
                private: plan.private,
                pullRequest: plan.pullRequest,
                files,
                card,
                message: values.message,
            },
            (event) => showProgress(context, event),
        );
        context.progress.end();
        context.out(context.json ? `${JSON.stringify(result, undefined, 2)}\n` : describe(result));
        return EXIT.done;
    },
};

async function readCard(path: string): Promise<string> {
    return readFile(path, "utf8").catch((cause: unknown) => {
        throw new AppError("user/usage", `The card ${path} cannot be read; name a text file`, {
            cause,
        });
    });
}

function preview(plan: PublishPlan, card: string | undefined): string {
    const kind = plan.private ? "private" : "public";
    const what = plan.pullRequest
        ? "a pull request in the"
        : plan.exists
          ? "a commit to the"
          : "a new";
    const rows = plan.files.map(({ path, type, bitsPerWeight, sizeBytes, isThere }) => [
        path,
        type ?? "",
        formatBytes(sizeBytes),
        bitsPerWeight === undefined ? "" : bitsPerWeight.toFixed(2),
        isThere ? "replaced if different" : "new",
    ]);
    const notes = plan.isBaseOpen
        ? [...plan.notes, "--base-model OWNER/NAME says which model was quantized"]
        : plan.notes;
    const readme =
        card === undefined
            ? "README.md stays as it is."
            : `README.md${plan.hasCard ? ", in place of the one that is there" : ""}:\n\n${card}`;
    return printable(
        [
            `Publishes as ${plan.account} to ${plan.host}: ${what} ${kind} repository ${plan.repo}`,
            `Licence: ${plan.license}`,
            "",
            table(rows, ["file", "type", "size", "bits per weight", "there"]),
            `${formatBytes(plan.totalBytes)} together`,
            "",
            ...notes.map((note) => `Note: ${note}`),
            ...(notes.length > 0 ? [""] : []),
            readme,
        ].join("\n"),
    );
}

/** Throws user/usage where nobody can be asked, and cancelled for any answer but yes. */
async function confirm(context: CliContext, plan: PublishPlan, isGiven: boolean): Promise<void> {
    if (isGiven) return;
    if (context.stdin.isTTY !== true)
        throw usage("Nobody can be asked here; look at it with --dry-run, then add --yes");
    const lines = createInterface({ input: context.stdin, output: context.stderr });
    try {
        const question = `Publish ${plan.private ? "privately" : "publicly"} to ${plan.repo}? Type yes: `;
        const answer = await lines.question(question, { signal: context.signal });
        if (answer.trim().toLowerCase() !== "yes") throw cancelled();
    } finally {
        lines.close();
    }
}

const LABEL: Readonly<Record<PublishEvent["stage"], string>> = {
    list: "Reading",
    hash: "Hashing",
    upload: "Uploading",
    commit: "Committing",
};

function showProgress({ progress }: CliContext, event: PublishEvent): void {
    const { stage, doneBytes: done, totalBytes: total, bytesPerSecond, secondsLeft } = event;
    if (total === 0) return;
    const detail =
        bytesPerSecond === undefined || secondsLeft === undefined
            ? undefined
            : `${formatRate(bytesPerSecond)}, ${formatDuration(secondsLeft)} left`;
    progress.show({ label: LABEL[stage], done, total, detail });
}

function describe({
    url,
    commit,
    pullRequestUrl,
    files,
    bytes,
    isUnchanged,
}: PublishResult): string {
    const nNew = files.filter(({ isNew }) => isNew).length;
    const sent = `${nNew} of ${files.length} files are new, ${formatBytes(bytes)} sent`;
    const end = isUnchanged ? "all of it was there already" : `commit ${commit.slice(0, 12)}`;
    return printable(`${pullRequestUrl ?? url}\n${sent}, ${end}\n`);
}
