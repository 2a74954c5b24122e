// llama.vscode's extra context: pieces of the files that were visited wait in a queue; one a second moves into a ring of 16 while no
// completion ran for 3 s, and the server evaluates the ring ahead of time. Which piece of a long text is taken is random there and
// seeded here.
import { randomOf } from "../support/random.mjs";

const RING_CHUNKS = 16;
const CHUNK_LINES = 64;
const MAX_QUEUED = 16;
const QUIET_MS = 3000;
const MAX_SIMILARITY = 0.9;
/** Lines around the cursor that are sent with every request. */
export const PREFIX_LINES = 256;
export const SUFFIX_LINES = 64;
const SCOPE_LINES = 1024;
/** Nearby chunks are taken again when the cursor has moved so far. */
const PICK_DISTANCE_LINES = 32;

export class Ring {
    chunks = [];
    /** Set by the provider when it begins a completion. */
    lastCompletionMs = -Infinity;
    #queue = [];
    #lastPickLine = -Infinity;
    #random = randomOf(1);

    constructor({ send }) {
        this.send = send;
    }

    /** As in a new window. */
    clear() {
        this.chunks = [];
        this.#queue = [];
        this.#lastPickLine = -Infinity;
    }

    get extra() {
        return this.chunks.map(({ text, filename }) => ({ text, filename }));
    }

    /** An editor became active. Files with unsaved changes are left out. */
    pickAround(document, offset) {
        if (document.isDirty) return;
        const lines = document.text.split("\n");
        const line = document.text.slice(0, offset).split("\n").length - 1;
        const half = CHUNK_LINES / 2;
        this.#pick(lines.slice(Math.max(0, line - half), line + half + 1), document.path, {
            evict: true,
        });
    }

    /** A completion was shown: what lies beyond the lines that were sent. */
    pickNear(document, lines, line) {
        if (Math.abs(line - this.#lastPickLine) <= PICK_DISTANCE_LINES) return;
        const upTo = Math.max(0, line - PREFIX_LINES);
        this.#pick(lines.slice(Math.max(0, line - SCOPE_LINES), upTo + 1), document.path, {});
        const from = Math.min(lines.length - 1, line + SUFFIX_LINES);
        this.#pick(lines.slice(from, from + CHUNK_LINES + 1), document.path, {});
        this.#lastPickLine = line;
    }

    /** Once a second. */
    update(nowMs) {
        if (this.#queue.length === 0 || nowMs - this.lastCompletionMs < QUIET_MS) return;
        this.chunks.push(this.#queue.shift());
        if (this.chunks.length > RING_CHUNKS) this.chunks.shift();
        void this.send({
            id_slot: 0,
            input_prefix: "",
            input_suffix: "",
            input_extra: this.extra,
            prompt: "",
            n_predict: 0,
            samplers: [],
            cache_prompt: true,
            t_max_prompt_ms: 500,
            t_max_predict_ms: 1,
        });
    }

    #pick(lines, filename, { evict = false }) {
        if (lines.length < 3) return;
        const some = lines.length + 1 < CHUNK_LINES ? lines : this.#window(lines);
        const chunk = { text: `${some.join("\n")}\n`, lines: new Set(some), filename };
        if (evict) {
            const isKnown = [...this.chunks, ...this.#queue].some(
                ({ text }) => text === chunk.text,
            );
            if (isKnown) return;
            const differs = (other) => similarity(other.lines, chunk.lines) <= MAX_SIMILARITY;
            this.chunks = this.chunks.filter(differs);
            this.#queue = this.#queue.filter(differs);
        }
        if (this.#queue.length >= MAX_QUEUED) this.#queue.shift();
        this.#queue.push(chunk);
    }

    #window(lines) {
        const size = CHUNK_LINES / 2;
        const start = Math.floor(this.#random() * Math.max(0, lines.length - size + 1));
        return lines.slice(start, start + size);
    }
}

/** Jaccard index of two sets. */
function similarity(a, b) {
    const common = [...a].filter((line) => b.has(line)).length;
    const all = a.size + b.size - common;
    return all === 0 ? 1 : common / all;
}
