// Reads a trace of typing (`typing-trace/1`) and works out everything about it that does not depend on an engine: the document after
// every event, the user's text (without the closers that the editor put in), and where each line is complete. Refuses a trace
// whose events do not lead to its own truth. Offsets are UTF-16 code units.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** A folder stands for its `.json` files, in order of their names. */
export function traceFiles(path) {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => name.endsWith(".json"));
    if (names.length === 0) throw new Error(`${path} holds no traces; give a file or a folder`);
    return names.sort().map((name) => join(path, name));
}

export function readTrace(file) {
    return prepare(JSON.parse(readFileSync(file, "utf8")));
}

/**
 * `{ trace, steps }`; a step is an event with `text` and `user` (document and user's text after it), `userCursor`, and for changes
 * `line`: what the cursor's line is before and after the cursor, and in the end (`full`).
 */
export function prepare(trace) {
    if (trace.format !== "typing-trace/1")
        throw new Error(`the format is ${trace.format}; this bench reads typing-trace/1`);
    const texts = new Map(trace.files.map(({ path, text }) => [path, text]));
    let lastT = 0;
    const steps = trace.events.map((event, i) => {
        if (!(event.t >= lastT)) throw new Error(`event ${i} of ${trace.name} goes back in time`);
        lastT = event.t;
        const before = texts.get(event.path);
        if (before === undefined)
            throw new Error(`event ${i} of ${trace.name} is in a file that the trace lacks`);
        if (event.type !== "change") return { event };
        const text = applyEdits(before, event.edits);
        texts.set(event.path, text);
        return { event, text, ...userText(text, event.cursor, event.auto) };
    });
    checkTruth(trace, texts);
    findLines(steps);
    return { trace, steps };
}

/** Edits are in offsets of the text before all of them, ascending. */
export function applyEdits(text, edits) {
    let result = "";
    let at = 0;
    for (const { start, end, text: inserted } of edits) {
        if (start < at || end < start || end > text.length)
            throw new Error(`the edit ${start}..${end} does not fit the document`);
        result += text.slice(at, start) + inserted;
        at = end;
    }
    return result + text.slice(at);
}

/** The document without the closers at the offsets `auto`. */
export function userText(text, cursor, auto = []) {
    let user = "";
    let at = 0;
    for (const offset of auto) {
        user += text.slice(at, offset);
        at = offset + 1;
    }
    const nBefore = auto.filter((offset) => offset < cursor).length;
    return { user: user + text.slice(at), userCursor: cursor - nBefore };
}

/** The parts of the line at an offset. */
export function lineAt(text, offset) {
    const start = text.lastIndexOf("\n", offset - 1) + 1;
    const newline = text.indexOf("\n", offset);
    const end = newline < 0 ? text.length : newline;
    return { start, before: text.slice(start, offset), after: text.slice(offset, end) };
}

/** What was cut out must stand in the final texts where the trace says, and nothing else may have changed. */
function checkTruth(trace, texts) {
    const fail = (why) => {
        throw new Error(`the events of ${trace.name} do not lead to its source: ${why}`);
    };
    for (const { path, text } of trace.files) {
        const final = texts.get(path);
        const cuts = trace.truth
            .filter((hole) => hole.path === path)
            .map((hole) => {
                const lines = final.split("\n").slice(0, hole.line);
                const start = lines.join("\n").length;
                if (!final.startsWith(hole.text, start)) fail(`${path} differs at ${hole.line}`);
                return { start, end: start + hole.text.length, text: "" };
            })
            .sort((a, b) => a.start - b.start);
        if (applyEdits(final, cuts) !== text) fail(`${path} changed outside of its holes`);
    }
}

/** A line is complete at the last change before the cursor leaves it; a run of changes on one line ends there. */
function findLines(steps) {
    let run = [];
    const close = () => {
        const last = run.at(-1);
        if (!last) return;
        last.isLineEnd = true;
        const { before, after } = lineAt(last.user, last.userCursor);
        for (const step of run) step.line.full = before + after;
        run = [];
    };
    for (const step of steps) {
        const { type, cause, path } = step.event;
        if (type === "open" || type === "cursor") close();
        if (type !== "change") continue;
        const { start, before, after } = lineAt(step.user, step.userCursor);
        const previous = run.at(-1);
        const goesOn = previous && previous.line.start === start && previous.event.path === path;
        if (!goesOn || cause === "enter") close();
        step.line = { start, before, after };
        run.push(step);
    }
    close();
}
