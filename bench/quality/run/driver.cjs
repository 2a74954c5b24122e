// Runs the file named first and, when it came to its end without an error, writes the word given second to stdout. The file sees JavaScript
// itself and a console: no require, no process, no timers, no network. A console.assert that does not hold is an error, and the rest of the console
// is mute. Node's permissions and the limits of time and memory are the caller's (languages.mjs, sandbox.mjs).
const { readFileSync, writeSync } = require("node:fs");
const vm = require("node:vm");

const CONSOLE = `"use strict"; {
    const mute = () => undefined;
    const assert = (holds) => { if (!holds) throw new Error("an assertion does not hold"); };
    globalThis.console = Object.freeze({
        assert, log: mute, info: mute, debug: mute, warn: mute, error: mute, table: mute, dir: mute, trace: mute,
    });
}`;

const [path, word] = process.argv.slice(2);
// Without a prototype: nothing in there leads back to this realm.
const context = vm.createContext(Object.create(null));
vm.runInContext(CONSOLE, context);
vm.runInContext(readFileSync(path, "utf8"), context, { filename: "solution.js" });
writeSync(1, word);
process.exit(0);
