/**
 * The page of `Ingot: Publish...`: everything that would go and where, then what came of it. It runs no script: what acts is a link to a command.
 * INVARIANT: nothing is fetched but our style sheet. Pure.
 */

import { formatBytes } from "../../base/format";
import type { PublishPlan, PublishResult } from "../../protocol/publish";
import { html, NOTHING, type Markup } from "../page/markup";
import { staticPage, type StaticPageOptions } from "../page/staticPage";
import { OPEN_COMMAND, PUBLISH_PAGE_COMMAND } from "../manifest";
import { commandLine, type CommandChoice } from "./commandLine";

export type PageState =
    | { kind: "preview"; problem?: string | undefined }
    | { kind: "running" }
    | { kind: "done"; result: PublishResult };

/** What a link of the page does. */
export type PageAction = "publish" | "card" | "keepCard" | "replaceCard" | "close";

export interface PageFacts {
    plan: PublishPlan;
    /** How it was asked for. */
    choice: CommandChoice;
    hasTable: boolean;
}

export interface PageOptions extends PageFacts, StaticPageOptions {
    state: PageState;
    /** The README.md that is there stays. */
    isCardKept: boolean;
    /** Tells this page's links from another's. */
    page: number;
}

export function publishPage(options: PageOptions): string {
    return staticPage("Publish", options, content(options));
}

function content(options: PageOptions): Markup {
    const { state, plan } = options;
    if (state.kind === "done") return done(options, state.result);
    return html`
        <h1>
            <span class="verb"
                >${state.kind === "running" ? "Being published" : "To be published"}</span
            >
            ${plan.repo}
        </h1>
        ${lead(options)} ${state.kind === "preview" ? actions(options) : NOTHING} ${place(options)}
        <h2>Files</h2>
        ${files(options)} ${notes(plan)} ${sameByCommand(options)}
    `;
}

function lead({ state, isCardKept }: PageOptions): Markup {
    if (state.kind === "running")
        return html`<p role="status">
            How far it is stands in the notification and in the Models view, where it can be
            cancelled. A reload of the window does not end it, and nothing is sent twice.
        </p>`;
    const problem = state.kind === "preview" ? state.problem : undefined;
    if (problem !== undefined) return html`<p class="problem" role="alert">${problem}.</p>`;
    const card = isCardKept ? "" : " The model card will go as it stands beside.";
    return html`<p>Nothing has been sent yet.${card}</p>`;
}

function actions(options: PageOptions): Markup {
    const { plan } = options;
    const how = plan.pullRequest
        ? "Open Pull Request"
        : plan.private
          ? "Publish Privately"
          : "Publish to Everybody";
    return html`<p class="actions">
        ${link(options, "publish", how, "button")} ${link(options, "card", "Edit Model Card")}
        ${link(options, "close", "Do Not Publish")}
    </p>`;
}

function place(options: PageOptions): Markup {
    const { plan, hasTable } = options;
    const { host, account, exists, license, baseModels } = plan;
    const kind = plan.private
        ? "Private: only its owner and who is let in can see it"
        : "Public: everybody can see and download it";
    const way = plan.pullRequest
        ? "A pull request, merged on its page"
        : exists
          ? "One commit on the main branch"
          : "A new repository, and one commit";
    return html`<dl>
        ${fact("Hub", host)} ${fact("Account", account)}
        ${fact("Repository", exists ? `${plan.repo}, there already` : `${plan.repo}, made for it`)}
        ${fact("Who sees it", kind)} ${fact("Goes as", way)} ${fact("Licence", license)}
        ${fact("Made from", baseModels.length > 0 ? baseModels.join(", ") : "not known")}
        ${fact("Measurements", hasTable ? "in the card, from a comparison" : "none in the card")}
    </dl>`;
}

function fact(name: string, value: string): Markup {
    return html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
    </div>`;
}

function files(options: PageOptions): Markup {
    const { plan } = options;
    const rows = plan.files.map(
        ({ path, type, sizeBytes, bitsPerWeight, isThere }) =>
            html`<tr>
                <th scope="row">${path}</th>
                <td>${type ?? ""}</td>
                <td class="number">${formatBytes(sizeBytes)}</td>
                <td class="number">${bitsPerWeight?.toFixed(2)}</td>
                <td>${isThere ? "replaced if different" : "new"}</td>
            </tr>`,
    );
    const n = plan.files.length;
    return html`<table>
        <thead>
            <tr>
                <th scope="col">File</th>
                <th scope="col">Type</th>
                <th scope="col" class="number">Size</th>
                <th scope="col" class="number" title="Bits per weight">bpw</th>
                <th scope="col">There</th>
            </tr>
        </thead>
        <tbody>
            ${rows} ${cardRow(options)}
        </tbody>
        <tfoot>
            <tr>
                <th scope="row" colspan="2">${n} GGUF ${n === 1 ? "file" : "files"}</th>
                <td class="number">${formatBytes(plan.totalBytes)}</td>
                <td colspan="2" class="note">${plan.totalBytes.toLocaleString("en-US")} bytes</td>
            </tr>
        </tfoot>
    </table>`;
}

function cardRow(options: PageOptions): Markup {
    const { plan, isCardKept, state } = options;
    const other = isCardKept
        ? link(options, "replaceCard", "replace it")
        : link(options, "keepCard", "leave it");
    const choice =
        plan.hasCard && state.kind === "preview" ? html`<span class="note"> (${other})</span>` : "";
    const what = isCardKept ? "stays" : plan.hasCard ? "replaced" : "new";
    return html`<tr>
        <th scope="row">README.md</th>
        <td colspan="3">model card</td>
        <td>${what}${choice === "" ? NOTHING : choice}</td>
    </tr>`;
}

function notes({ notes: list }: PublishPlan): Markup {
    if (list.length === 0) return NOTHING;
    return html`<h2>To be read before</h2>
        <ul>
            ${list.map((note) => html`<li>${note}.</li>`)}
        </ul>`;
}

function sameByCommand({ plan, choice, isCardKept }: PageOptions): Markup {
    return html`<details>
        <summary>The same on a command line</summary>
        <pre tabindex="0" role="group" aria-label="Command">
${commandLine(plan, choice, isCardKept)}</pre>
    </details>`;
}

function done(options: PageOptions, result: PublishResult): Markup {
    const { repo, url, pullRequestUrl, commit, isCreated, isUnchanged, bytes } = result;
    const page = pullRequestUrl ?? url;
    const verb = isUnchanged
        ? "Was there already"
        : pullRequestUrl === undefined
          ? "Published"
          : "Pull request opened";
    const rows = result.files.map(
        ({ path, sizeBytes, sha256, isNew }) =>
            html`<tr>
                <th scope="row">${path}</th>
                <td class="number">${formatBytes(sizeBytes)}</td>
                <td>${isNew ? "sent" : "was there"}</td>
                <td><code title="SHA-256: ${sha256}">${sha256.slice(0, 12)}</code></td>
            </tr>`,
    );
    return html`
        <h1><span class="verb">${verb}</span> ${repo}</h1>
        <p class="actions">
            ${opening(page, pullRequestUrl === undefined ? "Open Page" : "Open Pull Request")}
            ${link(options, "close", "Close")}
        </p>
        <dl>
            <div>
                <dt>Page</dt>
                <dd>${opening(page, page, "")}</dd>
            </div>
            ${fact("Repository", isCreated ? "made for it" : "was there")}
            ${fact("Who sees it", options.plan.private ? "private" : "public")}
            ${fact("Sent", formatBytes(bytes))}
            ${isUnchanged ? NOTHING : fact("Commit", commit.slice(0, 12))}
        </dl>
        <h2>Files</h2>
        <table>
            <thead>
                <tr>
                    <th scope="col">File</th>
                    <th scope="col" class="number">Size</th>
                    <th scope="col">Now</th>
                    <th scope="col">SHA-256</th>
                </tr>
            </thead>
            <tbody>
                ${rows}
            </tbody>
        </table>
    `;
}

function link({ page }: PageOptions, action: PageAction, label: string, look = "plain"): Markup {
    const query = encodeURIComponent(JSON.stringify([page, action]));
    return html`<a class="${look}" href="command:${PUBLISH_PAGE_COMMAND}?${query}">${label}</a>`;
}

function opening(address: string, label: string, look = "button"): Markup {
    const query = encodeURIComponent(JSON.stringify([address]));
    return html`<a class="${look}" href="command:${OPEN_COMMAND}?${query}">${label}</a>`;
}
