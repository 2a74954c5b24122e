// What llama.vscode 0.0.63 does when the editor asks: one request at a time that waits in steps of 150 ms and is never aborted, 256 lines
// before and 64 after the cursor, a cache of 250 answers that follows what is typed on the line, and a request for the text after
// the suggestion once it is shown. Told by its source, restated here; where it has a fault, the fault is kept and named.
import { createHash } from "node:crypto";
import { PREFIX_LINES, SUFFIX_LINES } from "./ring.mjs";

const POLL_MS = 150;
const CACHE_ENTRIES = 250;
const MAX_LINE_SUFFIX = 8;

export class Provider {
    #cache = new Map();
    #isBusy = false;

    /** `call(kind, body, id)` asks the server, `later(work)` runs after the answer is out, `delay(ms)` waits. */
    constructor({ ring, call, alternatives, predictMs, later, delay }) {
        Object.assign(this, { ring, call, alternatives, predictMs, later, delay });
    }

    /** Resolves with `{ text, source, tokens? }` or `{ reason }`. */
    async provide(request) {
        while (this.#isBusy) {
            await this.delay(POLL_MS);
            if (request.isCancelled()) return { reason: "cancelled" };
        }
        this.#isBusy = true;
        try {
            return await this.#complete(request);
        } finally {
            this.#isBusy = false;
        }
    }

    async #complete({ id, document, offset, isAutomatic, isCancelled, now }) {
        this.ring.lastCompletionMs = now();
        const place = placeOf(document.text, offset);
        const { linePrefix, lineSuffix } = place;
        if (isAutomatic && lineSuffix.length > MAX_LINE_SUFFIX) return { reason: "long suffix" };
        const isBlank = linePrefix.trim() === "";
        const window = { ...windowOf(place), prompt: isBlank ? "" : linePrefix };
        const cached = this.#find(window);
        if (!cached && isCancelled()) return { reason: "cancelled" };
        const answer = cached ? undefined : await this.#ask("completion", window, place.indent, id);
        const found = cached ?? answer.texts;
        const usable = found.map((text) => lines(text)).filter((each) => !isRepeat(each, place));
        if (usable.length === 0) return { reason: "repeats the document", ...tokensOf(answer) };
        const texts = usable.map((each) => cut(each, lineSuffix));
        if (!cached) this.#remember(keyOf(window), texts);
        this.later(async () => {
            if (!isCancelled() && lineSuffix.trim() === "") await this.#prefetch(window, usable[0]);
            if (!isCancelled()) this.ring.pickNear(document, place.lines, place.line);
        });
        const text = isBlank ? withoutSpaces(texts[0], linePrefix.length) : texts[0];
        return { text, source: cached ? "cache" : "model", ...tokensOf(answer) };
    }

    async #ask(kind, { prefix, suffix, prompt }, indent, id) {
        const body = {
            id_slot: 0,
            input_prefix: prefix,
            input_suffix: suffix,
            input_extra: this.ring.extra,
            prompt,
            n_predict: 128,
            n_cmpl: this.alternatives,
            top_k: 40,
            top_p: 0.99,
            stream: false,
            samplers: ["top_k", "top_p", "infill"],
            cache_prompt: true,
            ...(indent > 0 && { n_indent: indent }),
            t_max_prompt_ms: 500,
            ...(this.predictMs > 0 && { t_max_predict_ms: this.predictMs }),
        };
        const { tokens, texts } = await this.call(kind, body, id);
        return { tokens, texts: [...new Set(texts)] };
    }

    /** The whole line's prompt first, then ever less of it: the rest must be what the answer begins with. */
    #find(window) {
        for (let n = window.prompt.length; n >= 0; n--) {
            const texts = this.#recall(keyOf({ ...window, prompt: window.prompt.slice(0, n) }));
            const typed = window.prompt.slice(n);
            const rest = texts?.filter((text) => text !== "" && text.startsWith(typed));
            if (n === window.prompt.length && texts) return texts;
            if (rest?.length > 0) return rest.map((text) => text.slice(typed.length));
        }
        return undefined;
    }

    /** Asks for what follows the suggestion, as if it had been accepted; not for the server's slot, which stays busy with it. */
    async #prefetch(window, suggestion) {
        const { prefix, suffix, prompt } = window;
        const last = suggestion.length - 1;
        const future =
            last === 0
                ? { prefix, suffix, prompt: prompt + suggestion[0] }
                : {
                      prefix: lastLines(
                          `${prefix}${prompt}${suggestion.slice(0, -1).join("\n")}\n`,
                      ),
                      suffix,
                      prompt: suggestion[last],
                  };
        if (this.#recall(keyOf(future)) === undefined) {
            const { texts } = await this.#ask("speculation", future, indentOf(prompt));
            // A list of alternatives has no `content` of its own, and so with more than one the answer is thrown away.
            if (this.alternatives === 1 && texts[0].trim() !== "")
                this.#remember(keyOf(future), [lines(texts[0]).join("\n")]);
        }
        if (last === 0) return;
        const line = { prefix: `${prefix}${prompt}${suggestion[0]}\n`, suffix, prompt: "" };
        if (this.#recall(keyOf(line)) === undefined)
            this.#remember(keyOf(line), [suggestion.slice(1).join("\n")]);
    }

    #recall(key) {
        const texts = this.#cache.get(key);
        if (texts) this.#remember(key, texts);
        return texts;
    }

    #remember(key, texts) {
        this.#cache.delete(key);
        this.#cache.set(key, texts);
        if (this.#cache.size > CACHE_ENTRIES) this.#cache.delete(this.#cache.keys().next().value);
    }
}

function placeOf(text, offset) {
    const before = text.slice(0, offset).split("\n");
    const all = text.split("\n");
    const line = before.length - 1;
    const linePrefix = before[line];
    return {
        lines: all,
        line,
        linePrefix,
        lineSuffix: all[line].slice(linePrefix.length),
        indent: indentOf(all[line]),
    };
}

function windowOf({ lines: all, line, lineSuffix }) {
    const prefix = all.slice(Math.max(0, line - PREFIX_LINES), line);
    const suffix = all.slice(line + 1, line + 1 + SUFFIX_LINES);
    return {
        prefix: `${prefix.join("\n")}\n`,
        suffix: `${lineSuffix}\n${suffix.join("\n")}\n`,
    };
}

function keyOf({ prefix, suffix, prompt }) {
    return createHash("sha256").update(`${prefix}|${suffix}|${prompt}`).digest("hex");
}

const indentOf = (line) => line.length - line.trimStart().length;

const tokensOf = (answer) => (answer ? { tokens: answer.tokens } : {});

/** Lines without the blank ones at the end. */
function lines(text) {
    const all = text.split(/\r?\n/);
    while (all.length > 0 && all.at(-1).trim() === "") all.pop();
    return all;
}

function lastLines(prefix) {
    const all = prefix.slice(0, -1).split("\n");
    return `${all.slice(-PREFIX_LINES).join("\n")}\n`;
}

/** Whether a suggestion says what the document says anyway. */
function isRepeat(suggestion, { lines: all, line, linePrefix, lineSuffix }) {
    const [first, ...rest] = suggestion;
    if (first === undefined || (rest.length === 0 && first.trim() === "")) return true;
    if (line === all.length - 1) return false;
    const equals = (from) => rest.every((text, i) => text === all[from + i]);
    const isNothing = first.trim() === "" || first.trim() === lineSuffix.trim();
    if (rest.length > 0 && isNothing && equals(line + 1)) return true;
    if (rest.length === 0 && first === lineSuffix) return true;
    const next = all.findIndex((text, i) => i > line && text.trim() !== "");
    if (next < 0 || linePrefix + first !== all[next]) return false;
    if (rest.length === 1) return (all[next + 1] ?? "").startsWith(rest[0]);
    return rest.length === 0 || equals(next + 1);
}

/** In the middle of a line: without its end, or only the first line. */
function cut(suggestion, lineSuffix) {
    const [first] = suggestion;
    if (lineSuffix.trim() === "") return suggestion.join("\n");
    if (first.endsWith(lineSuffix)) return first.slice(0, -lineSuffix.length);
    return suggestion.length > 1 ? first : suggestion.join("\n");
}

function withoutSpaces(text, most) {
    const n = /^[ ]*/.exec(text)[0].length;
    const spaces = Math.min(n, most);
    return text.slice(spaces).replace(/^\t+/, "");
}
