// Plays a trace to an engine as VS Code would around an inline completion provider: a change cancels the outstanding question and asks
// again 50 ms later, ghost text stays while what is typed agrees with it. Returns what happened at every keystroke; metrics.mjs
// makes figures of it. All waiting goes through the clock, so that with the virtual one nothing depends on the machine.
import { accepted, completesLine, difference, remaining, survive } from "./ghost.mjs";
import { lengthOf, moved } from "./kept.mjs";
import { lineAt } from "./trace.mjs";

/** VS Code's own delay between a change and its question. */
const EDITOR_DELAY_MS = 50;
/** How long a person who stops waits for an answer. */
const STOP_MS = 10_000;
/** From an acceptance to the next event, at least. */
const AFTER_ACCEPT_MS = 200;
/** An event that comes later than this was disturbed by the machine. */
const LATE_MS = 20;

/**
 * Options: `accept` "never" or "full-line-match"; `stops`: the user stops at every N-th keystroke and at pauses (0: never); `readMs`:
 * how long ghost text is on screen before it is accepted. Rejects when the engine ends or breaks the protocol.
 */
export function play(prepared, engine, clock, options = {}) {
    return new Player(prepared, engine, clock, options).run();
}

class Player {
    #record = {
        keys: [],
        requests: [],
        /** Ids of all answers, wanted or not. */
        results: [],
        works: [],
        accepts: [],
        late: { events: 0, maxMs: 0 },
    };
    /** Open documents and others, by path. */
    #documents = new Map();
    /** By path: where characters are that acceptances brought. */
    #accepted = new Map();
    #next = 0;
    #nextId = 1;
    /** A time of the trace plus this is the clock's. */
    #shiftMs = 0;
    /** Document and cursor of the last change: `{ path, text, auto, cursor, line }`. */
    #place;
    /** The keystroke that the user is at; undefined after an acceptance, a cursor move and an editor switch. */
    #key;
    /** The newest question: `{ id, changedMs, dueMs, sentMs?, answeredMs? }`; undefined when nothing is asked. */
    #question;
    /** On screen: `{ id, item, sinceMs, target? }`. */
    #ghost;
    #wake = () => undefined;
    #failure;

    constructor({ trace, steps }, engine, clock, { accept = "never", stops = 0, readMs = 300 }) {
        const end = { event: { type: "end", t: steps.at(-1)?.event.t ?? 0 } };
        this.steps = [...steps, end];
        this.engine = engine;
        this.clock = clock;
        this.stops = stops;
        this.readMs = readMs;
        this.lineEnds = accept === "full-line-match" ? lineEnds(steps) : undefined;
        for (const { path, languageId, text } of trace.files)
            this.#documents.set(path, { languageId, text, version: 1 });
    }

    async run() {
        this.engine.listener = (message) => this.#hear(message);
        while (this.#next < this.steps.length) {
            const { atMs, act } = this.#upNext();
            if (this.clock.now() < atMs) {
                const wait = this.clock.until(atMs);
                this.#wake = wait.wake;
                await wait.done;
                if (this.#failure) throw this.#failure;
                // Woken by an answer, which may bring forward what comes next.
                if (this.clock.now() < atMs) continue;
            }
            act(atMs);
            if (this.clock.kind === "virtual") await this.engine.sync();
            if (this.#failure) throw this.#failure;
        }
        this.#record.durationMs = this.clock.now();
        const { chatTokens } = await this.engine.sync();
        this.#record.chatTokens = chatTokens;
        this.#record.keptCharacters = lengthOf([...this.#accepted.values()].flat());
        return this.#record;
    }

    /** The first of: the question after a change, an acceptance, the next event of the trace. */
    #upNext() {
        const accept = this.#ghost?.target && {
            atMs: this.#ghost.sinceMs + this.readMs,
            act: () => this.#accept(),
        };
        const step = this.steps[this.#next];
        const plannedMs = step.event.t + this.#shiftMs;
        let eventMs = plannedMs;
        // After the last event the editor waits like at a stop: the last keystroke counts like the others.
        if (this.#question && (this.#key?.stop || step.event.type === "end")) {
            const { answeredMs, changedMs } = this.#question;
            eventMs = Math.max(plannedMs, answeredMs ?? changedMs + STOP_MS, accept?.atMs ?? 0);
        }
        const event = {
            atMs: eventMs,
            act: () => {
                this.#shiftMs += eventMs - plannedMs;
                this.#next++;
                this.#event(step, eventMs);
            },
        };
        const isOpen = this.#question && this.#question.sentMs === undefined;
        const question = isOpen && { atMs: this.#question.dueMs, act: () => this.#ask() };
        return [question, accept, event]
            .filter((due) => due)
            .reduce((first, due) => (due.atMs < first.atMs ? due : first));
    }

    #event(step, dueMs) {
        const lateMs = this.clock.now() - dueMs;
        if (lateMs > LATE_MS) this.#record.late.events++;
        this.#record.late.maxMs = Math.max(this.#record.late.maxMs, lateMs);
        const { event } = step;
        switch (event.type) {
            case "change":
                return this.#type(step);
            case "open":
            case "cursor":
                return this.#move(event);
            case "reject":
                if (this.#ghost) this.#send({ type: "reject", id: this.#ghost.id });
                this.#ghost = undefined;
                return;
            case "end":
                this.#leaveKey();
                return this.#cancel();
        }
    }

    #type(step) {
        const { path, edits, cursor, cause } = step.event;
        this.#leaveKey();
        this.#change(step, edits, cause);
        const { before, after, full } = step.line;
        const { keys } = this.#record;
        const key = {
            cause,
            atMs: this.clock.now(),
            gapMs: gapAfter(this.steps, this.#next - 1),
            carried: this.#ghost !== undefined,
            flicker: false,
            isMid: (before + after).trimEnd() !== full.trimEnd(),
            isTypo: !full.startsWith(before),
        };
        keys.push(key);
        const isPause = this.steps[this.#next].event.type === "pause";
        key.stop = this.stops > 0 && (keys.length % this.stops === 0 || isPause);
        this.#key = key;
        this.#willAsk(path, cursor);
    }

    #move({ type, path, cursor }) {
        this.#leaveKey();
        this.#cancel();
        this.#key = undefined;
        this.#ghost = undefined;
        if (type === "cursor") return this.#send({ type, path, cursor });
        const { languageId, text } = this.#documents.get(path);
        this.#send({ type, path, languageId, text, cursor });
    }

    /** Whatever the change was: the engine's document, the ghost text, the place. */
    #change(step, edits, cause) {
        const { path, cursor, auto = [] } = step.event;
        this.#cancel();
        const document = this.#documents.get(path);
        document.text = step.text;
        this.#accepted.set(path, moved(this.#accepted.get(path) ?? [], edits));
        document.version++;
        this.#send({ type: "change", path, edits, cursor, cause, version: document.version });
        this.#place = { path, text: step.text, auto, cursor, line: step.line };
        const item = this.#ghost && survive(this.#ghost.item, edits, step.text, cursor);
        this.#ghost = item && { ...this.#ghost, item };
        this.#aim();
    }

    #willAsk(path, offset) {
        const changedMs = this.clock.now();
        const dueMs = changedMs + EDITOR_DELAY_MS;
        this.#question = { id: this.#nextId++, path, offset, changedMs, dueMs };
    }

    #ask() {
        const question = this.#question;
        const { id, path, offset } = question;
        question.sentMs = this.clock.now();
        this.#record.requests.push(question);
        this.#send({ type: "request", id, path, offset, trigger: "automatic" });
    }

    /** A question that is not answered yet is no longer wanted. */
    #cancel() {
        const question = this.#question;
        this.#question = undefined;
        if (!question || question.answeredMs !== undefined) return;
        this.#send({ type: "cancel", id: question.id });
        if (this.#key) this.#key.superseded = true;
    }

    #hear(message) {
        if (message.type === "work") this.#record.works.push(message);
        if (message.type === "result") this.#record.results.push(message.id);
        const question = this.#question;
        if (message.type !== "result" || message.id !== question?.id) return;
        if (question.sentMs === undefined || question.answeredMs !== undefined) return;
        question.answeredMs = this.clock.now();
        question.source = message.source;
        const [item] = message.items;
        this.#failure = item && broken(item, question, this.#place.text);
        const isEmpty = !item || item.text === this.#place.text.slice(item.start, item.end);
        question.empty = isEmpty;
        if (this.#key) this.#key.answerMs = question.answeredMs - this.#key.atMs;
        this.#show(isEmpty ? undefined : item);
        this.#wake();
    }

    #show(item) {
        const { cursor } = this.#place;
        const old = this.#ghost;
        const key = this.#key;
        const isSame = item && old && remaining(item, cursor) === remaining(old.item, cursor);
        if (key?.carried && !isSame) key.flicker = true;
        if (item && key && !key.carried) key.ghostMs = this.clock.now() - key.atMs;
        const sinceMs = isSame ? old.sinceMs : this.clock.now();
        this.#ghost = item && { id: this.#question.id, item, sinceMs };
        this.#aim();
    }

    /** Looks for the event that accepting the ghost text would lead to. */
    #aim() {
        const ghost = this.#ghost;
        if (!ghost || !this.lineEnds) return;
        ghost.target = undefined;
        const typedLines = ghost.item.text
            .slice(0, this.#place.cursor - ghost.item.start)
            .split("\n").length;
        const nLines = ghost.item.text.split("\n").length;
        for (let n = nLines; n >= typedLines && !ghost.target; n--) {
            const { user, cursor } = accepted(ghost.item, n, this.#place);
            if (cursor <= this.#place.cursor) break;
            const index = this.lineEnds.get(`${this.#place.path}\n${user}`);
            if (index >= this.#next) ghost.target = { index, nLines: n };
        }
    }

    #accept() {
        const { id, item, target } = this.#ghost;
        const { cursor, text } = this.#place;
        const step = this.steps[target.index];
        this.#leaveKey();
        this.#cancel();
        this.#key = undefined;
        const lines = item.text.split("\n").slice(0, target.nLines).join("\n");
        this.#send({ type: "accept", id, text: lines });
        const skipped = this.steps.slice(this.#next, target.index + 1);
        this.#next = target.index + 1;
        this.#change(step, [difference(text, step.text)], "accept");
        const characters = lines.length - (cursor - item.start);
        const { path } = step.event;
        const brought = { start: cursor, end: Math.min(cursor + characters, step.text.length) };
        this.#accepted.set(path, [...this.#accepted.get(path), brought]);
        this.#record.accepts.push({
            characters,
            keys: skipped.filter(({ event }) => event.type === "change").length,
            lines: target.nLines,
        });
        const { t } = this.steps[this.#next].event;
        const gapMs = Math.max(AFTER_ACCEPT_MS, t - step.event.t);
        this.#shiftMs = this.clock.now() + gapMs - t;
        this.#willAsk(step.event.path, step.event.cursor);
    }

    /** What the user had on screen when the keystroke's time was over. */
    #leaveKey() {
        if (!this.#key) return;
        this.#key.hasGhost = this.#ghost !== undefined;
        this.#key.isExact =
            this.#ghost !== undefined &&
            completesLine(this.#ghost.item, this.#place, this.#place.line.full);
    }

    #send(message) {
        const { type, ...fields } = message;
        this.engine.send({ type, t: Math.round(this.clock.now() * 10) / 10, ...fields });
    }
}

/** The last event at which each user's text with a complete line is reached. */
function lineEnds(steps) {
    const ends = new Map();
    steps.forEach(({ isLineEnd, event, user }, index) => {
        if (isLineEnd) ends.set(`${event.path}\n${user}`, index);
    });
    return ends;
}

/** Milliseconds of the trace until something happens again. */
function gapAfter(steps, index) {
    const { t } = steps[index].event;
    const following = steps.slice(index + 1).find(({ event }) => event.type !== "pause");
    const pause = steps[index + 1].event;
    return Math.max(following.event.t - t, pause.type === "pause" ? pause.ms : 0);
}

function broken({ text, start, end }, { id, offset }, document) {
    const line = lineAt(document, offset);
    const lineEnd = offset + line.after.length;
    if (typeof text === "string" && line.start <= start && start <= offset)
        if (offset <= end && end <= lineEnd) return undefined;
    return new Error(`the engine's answer to request ${id} is not on the cursor's line`);
}
