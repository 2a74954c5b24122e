// What engines answer, remembered: an answer is a function of the model's bytes, the engine's code, its settings and the question, so that one that
// was had before is read from `.cache/quality` and an engine starts only for what is new. Owns that folder. Each question is asked by itself: every
// one is a document of its own, and the clock stands still, so that nothing is worked out ahead.
import { createHash } from "node:crypto";
import {
    appendFileSync,
    createReadStream,
    existsSync,
    mkdirSync,
    readFileSync,
    readdirSync,
} from "node:fs";
import { dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Engine } from "../typing/engine.mjs";
import { keyOf, readAnswers } from "./key.mjs";

const PROGRESS = 10;
/** Virtual time from one question in a project to the next; longer than any rest. */
const TURN_MS = 600_000;

/**
 * `answers[case][variant]`, each `{ text }` or `{ reason }`, from an engine with the setting `inspect` also the `filter` that cut it. A candidate:
 * `{ name, command, settings, layout?, variants, filters? }`; a variant is settings that hold for one question; with `filters` (names) there
 * is one variant, and behind it the answer without each filter, which is asked for where that filter has cut; `isOffline`: engines are not asked, and an
 * answer that is not known is undefined. A case: `{ path, languageId, before, after, trigger, settings?, variants? }`, its own variants in place of the
 * candidate's, which can give it the pieces of other files (`snippets`) and be asked only where the first one's prompt holds a kind of them (`needs`); one that belongs to a project also `{ folder, repository, visited }`: files opened
 * before, `{ path, languageId, text, cursor }`, and the candidate may have `restMs`, how long nothing happens before the case is opened. With `inspect` an
 * answer also has `pieces`, the kinds of those that stood in the prompt.
 */
export async function answersOf({ candidate, cases, model, modelHash, folder, isOffline }) {
    const { name, command, settings, layout, restMs = 0, variants = [{}], filters } = candidate;
    const identity = await identityOf(command);
    const store = new Store(folder, keyOf({ identity, modelHash, settings }));
    const answers = [];
    let engine;
    try {
        for (const [i, one] of cases.entries()) {
            const row = [];
            const opened = new Set();
            const answerTo = async (variant) => {
                const asked = { ...one.settings, ...variant };
                const key = questionKey(one, asked);
                if (!store.has(key) && !isOffline) {
                    engine ??= await start({ command, settings, layout, model });
                    const how = { asked, opened, restMs };
                    const isAlone = one.folder ?? asked.snippets;
                    const answer = await (isAlone ? askInProject : ask)(engine, one, how);
                    store.add(key, answer);
                }
                return store.get(key);
            };
            for (const { needs, ...variant } of one.variants ?? variants) {
                const isSame = needs !== undefined && row[0] && !row[0].pieces?.includes(needs);
                row.push(isSame ? row[0] : await answerTo(variant));
            }
            for (const filter of filters ?? []) {
                const isSecond = filter === "following-lines" && row[0]?.isSecond;
                const hasCut = row[0]?.filter === filter || isSecond;
                row.push(hasCut ? await answerTo({ without: [`filter:${filter}`] }) : row[0]);
            }
            answers.push(row);
            if ((i + 1) % PROGRESS === 0) console.error(`${name}: ${i + 1} of ${cases.length}`);
        }
        return { answers, nNew: store.nNew };
    } finally {
        await engine?.engine.stop();
    }
}

/** SHA-256 of a file, hexadecimal. */
export async function hashOf(file) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex");
}

function questionKey(one, settings) {
    const { path, languageId, before, after, trigger, repository, visited } = one;
    return keyOf({ path, languageId, before, after, trigger, repository, visited, settings });
}

/** Beside the bundles: what they load. */
const LOADED = ["native/build/ingot.node", "node_modules/node-llama-cpp/package.json"];

/** Hashes of the files that a command names, with those of the same kind beside them, and of what our bundles load. */
async function identityOf([program, ...args]) {
    const files = [program, ...args].filter(
        (word) => existsSync(word) && word !== process.execPath,
    );
    const all = files.flatMap((file) => {
        const extension = extname(file);
        if (extension === "") return [file];
        const names = readdirSync(dirname(file)).filter((name) => extname(name) === extension);
        const found = names.sort().map((name) => join(dirname(file), name));
        const loaded = LOADED.map((path) => join(dirname(file), "..", path));
        return [...found, ...loaded.filter((path) => existsSync(path))];
    });
    const hashes = [];
    for (const file of all) hashes.push(await hashOf(file));
    return { hashes, words: args.filter((word) => !existsSync(word)) };
}

async function start({ command, settings, layout, model }) {
    const engine = new Engine(command);
    const ready = await engine.start({ model, settings, clock: "virtual" });
    if (layout && !ready.layouts?.includes(layout)) {
        await engine.stop();
        throw new Error(
            `this engine cannot be asked for the layout ${layout}: its "ready" lists no such layout. ` +
                "Use --layout default, or build a version that can",
        );
    }
    return { engine, nAsked: 0 };
}

/** As `ask`, after the files that were looked at before, in a document of its own: what stands in front of a hole stays there. */
async function askInProject(running, one, { asked, restMs }) {
    const { engine } = running;
    const { languageId, before, after, folder, repository, visited = [] } = one;
    let t = (running.nAsked + 1) * TURN_MS;
    const prefix = questionKey(one, asked).slice(0, 8);
    const open = ({ path: name, ...file }) => {
        const path = `${prefix}/${name}`;
        engine.send({ type: "open", t, path, name, folder, repository, ...file });
        t += restMs / (visited.length + 1);
        return path;
    };
    engine.send({ type: "set", settings: asked });
    engine.send({ type: "close", t });
    visited.forEach(open);
    const own = { path: one.path, languageId, text: before + after, cursor: before.length };
    return answerAt(running, one, { path: open(own), t });
}

/** The answer's text from the cursor on, or why there is none. */
async function ask(running, one, { asked, opened }) {
    const { engine } = running;
    const { languageId, before, after } = one;
    const path = `${questionKey(one, {}).slice(0, 8)}/${one.path}`;
    const t = 0;
    const text = before + after;
    if (!opened.has(path))
        engine.send({ type: "open", t, path, languageId, text, cursor: before.length });
    opened.add(path);
    engine.send({ type: "set", settings: asked });
    return answerAt(running, one, { path, t });
}

async function answerAt(running, { before, trigger }, { path, t }) {
    const { engine } = running;
    const id = ++running.nAsked;
    let result;
    engine.listener = (message) => {
        if (message.type === "result" && message.id === id) result = message;
    };
    const offset = before.length;
    engine.send({ type: "request", t, id, path, offset, trigger });
    await engine.sync();
    if (!result) throw new Error(`the engine said that it was done without an answer to ${id}`);
    const [item] = result.items;
    const { filter, inspection } = result.record?.outcome ?? {};
    // The first answer was below the cursor already, and another took its place.
    const isSecond = inspection?.instead === undefined ? undefined : true;
    const pieces = result.call?.inspection?.pieces.map(({ kind }) => kind);
    if (item) return { text: item.text.slice(offset - item.start), filter, isSecond, pieces };
    return { reason: result.reason ?? "none", filter, pieces };
}

/** Answers of one engine with one model (or verdicts), a line each in one file: what was had before a run was stopped is not lost. */
export class Store {
    nNew = 0;
    #file;
    #known;

    constructor(folder, key) {
        mkdirSync(folder, { recursive: true });
        this.#file = join(folder, `${key}.jsonl`);
        this.#known = existsSync(this.#file)
            ? readAnswers(readFileSync(this.#file, "utf8"))
            : new Map();
    }

    has(key) {
        return this.#known.has(key);
    }

    get(key) {
        return this.#known.get(key);
    }

    add(key, answer) {
        this.nNew++;
        this.#known.set(key, answer);
        appendFileSync(this.#file, `${JSON.stringify({ key, answer })}\n`);
    }
}
