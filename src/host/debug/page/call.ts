/** One call to the model on the inspector's page: its prompt by parts, its tokens with their probabilities, what was cut. Pure. */

import type { CallRecord } from "../../../completion/calls";
import { CUT_WORDS, STOP_WORDS } from "../../../completion/words";
import type { Inspection, PromptPart, PromptPiece, Snippet } from "../../../protocol/completion";
import { html, NOTHING, type Markup } from "../../page/markup";

const PART_WORDS: Readonly<Record<string, string>> = {
    BOS: "start of the sequence",
    PRE: "control token",
    SUF: "control token",
    MID: "control token",
    prefix: "before the cursor",
    suffix: "after the cursor",
    context: "repository and other files",
    file: "start of this file",
    heading: "path of this file",
};
const CONTROL = new Set(["BOS", "PRE", "SUF", "MID", "file"]);

export function callDetails({ inspection, snippets }: CallRecord): Markup {
    if (!inspection) return html`<p>The model was not reached, so there is no prompt.</p>`;
    return html`${prompt(inspection)}${pieces(inspection.pieces, snippets)}${answer(inspection)}`;
}

function prompt(inspection: Inspection): Markup {
    const { parts, layout, model, forced } = inspection;
    const nTokens = sum(parts);
    const order =
        layout === "append" ? "text before the cursor last" : "as its family documents it";
    const taken = html`<p>
        Taken back from the end, so that the answer had to begin with it:
        <code class="taken">${visible(forced)}</code>
    </p>`;
    return html`<details>
        <summary>Prompt: ${counted(nTokens, "token")}</summary>
        <p>${model}; order: ${order}.</p>
        ${bar(parts, nTokens)}
        <table>
            <thead>
                <tr>
                    <th scope="col">Part</th>
                    <th scope="col" class="number">Tokens</th>
                    <th scope="col" class="number">At most</th>
                </tr>
            </thead>
            <tbody>
                ${parts.map((part) => partRow(part, limitOf(part, inspection)))}
            </tbody>
        </table>
        ${parts.map(partText)} ${forced === "" ? NOTHING : taken}
    </details>`;
}

function bar(parts: readonly PromptPart[], nTokens: number): Markup {
    let at = 0;
    const rectangles = parts.map(({ part, nTokens: width }) => {
        const x = at;
        at += width;
        return html`<rect class="fill-${part}" x="${x}" y="0" width="${width}" height="1"></rect>`;
    });
    const words = parts.map(({ part, nTokens: n }) => `${wordsFor(part)} ${n}`).join(", ");
    return html`<svg
        class="bar"
        role="img"
        aria-label="Tokens by part: ${words}"
        viewBox="0 0 ${Math.max(1, nTokens)} 1"
        preserveAspectRatio="none"
    >
        ${rectangles}
    </svg>`;
}

function partRow({ part, nTokens }: PromptPart, limit: number | undefined): Markup {
    return html`<tr>
        <th scope="row"><span class="swatch swatch-${part}"></span>${wordsFor(part)}</th>
        <td class="number">${nTokens}</td>
        <td class="number">${limit ?? ""}</td>
    </tr>`;
}

/** Budget of a window; control tokens have none. */
function limitOf(
    { part }: PromptPart,
    { maxPrefixTokens, maxSuffixTokens }: Inspection,
): number | undefined {
    if (part === "prefix") return maxPrefixTokens;
    return part === "suffix" ? maxSuffixTokens : undefined;
}

function partText({ part, text, nTokens }: PromptPart): Markup {
    if (CONTROL.has(part)) return html`<p class="control"><code>${text}</code></p>`;
    const label = `${wordsFor(part)}, ${counted(nTokens, "token")}`;
    return html`<figure class="part part-${part}">
        <figcaption>${label}</figcaption>
        ${block(text, label)}
    </figure>`;
}

/** Text that can be scrolled with the keyboard. */
function block(text: string, label: string): Markup {
    // A line break right after the tag is no text.
    return html`<pre tabindex="0" role="group" aria-label="${label}">${"\n"}${text}</pre>`;
}

/** What of other files is in the prompt, and what was offered, best first. */
function pieces(used: readonly PromptPiece[], offered: readonly Snippet[]): Markup {
    if (used.length === 0 && offered.length === 0) return NOTHING;
    const rows = used.map(
        ({ kind, path, nTokens }) =>
            html`<tr>
                <th scope="row">${path}</th>
                <td>${kind}</td>
                <td class="number">${nTokens}</td>
            </tr>`,
    );
    const isUsed = (piece: Snippet) =>
        used.some(({ kind, path }) => kind === piece.kind && path === piece.path);
    return html`<details>
        <summary>
            Other files: ${counted(used.length, "piece")} in the prompt, ${offered.length} offered
        </summary>
        ${
            rows.length === 0
                ? NOTHING
                : html`<table>
                      <thead>
                          <tr>
                              <th scope="col">In the prompt</th>
                              <th scope="col">Why</th>
                              <th scope="col" class="number">Tokens</th>
                          </tr>
                      </thead>
                      <tbody>
                          ${rows}
                      </tbody>
                  </table>`
        }
        ${offered.map((piece, i) => {
            const { path, kind, text } = piece;
            const label = `Rank ${i + 1}: ${path}, ${kind}${isUsed(piece) ? "" : ", left out"}`;
            return html`<figure class="part part-context">
                <figcaption>${label}</figcaption>
                ${block(text, label)}
            </figure>`;
        })}
    </details>`;
}

function answer({ written, answer: raw, forced, stop, kept, cuts, instead }: Inspection): Markup {
    const all = forced + raw;
    const end = `The answer ended ${STOP_WORDS[stop]}`;
    const left = kept < raw.length ? `; ${kept} of ${raw.length} characters counted` : "";
    return html`<details>
        <summary>
            Answer: ${counted(written.length, "token")}, with the probability of each in percent
        </summary>
        ${
            written.length === 0
                ? html`<p>The model wrote nothing.</p>`
                : html`<p class="tokens" tabindex="0">${written.map(token)}</p>`
        }
        <p>${end}${left}.</p>
        ${cuts.map(
            ({ filter, length }) =>
                html`<p>Taken off: ${CUT_WORDS[filter]}; ${length} characters left.</p>`,
        )}
        ${
            instead === undefined
                ? ""
                : html`<p>
                      It is the second answer: the first is below the cursor already, so the model
                      was asked for another.
                  </p>`
        }
        ${
            all === ""
                ? NOTHING
                : html`<figure class="part">
                      <figcaption>As the model wrote it</figcaption>
                      ${block(all, "As the model wrote it")}
                  </figure>`
        }
    </details>`;
}

function token({ text, probability }: Inspection["written"][number]): Markup {
    const level = probability < 0.1 ? "guess" : probability < 0.5 ? "low" : "high";
    const percent = Math.round(100 * probability);
    return html`<ruby class="${level}">${visible(text)}<rt>${percent}</rt></ruby
        >${text.includes("\n") ? html`<br />` : NOTHING}`;
}

function counted(n: number, what: string): string {
    return `${n} ${what}${n === 1 ? "" : "s"}`;
}

/** Line breaks and tabs as signs. */
function visible(text: string): string {
    return text.replaceAll("\n", "\u23ce").replaceAll("\t", "\u21e5");
}

function wordsFor(part: string): string {
    return PART_WORDS[part] ?? part;
}

function sum(parts: readonly PromptPart[]): number {
    return parts.reduce((total, { nTokens }) => total + nTokens, 0);
}
