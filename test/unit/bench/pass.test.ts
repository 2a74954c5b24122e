/** pass@1 of the quality bench: what is run, what counts as passed, and that what is run leaves nothing behind. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runnerOf, testOf } from "../../../bench/quality/languages.mjs";
import { passesOf, programOf } from "../../../bench/quality/pass.mjs";
import { openSandbox, type Sandbox } from "../../../bench/quality/sandbox.mjs";
import type { TaskHole } from "../../../bench/quality/tasks.mjs";

const LIMITS = { cpuSeconds: 1, wallMs: 60_000, memoryMb: 256 };
const folder = mkdtempSync(join(tmpdir(), "ingot-pass-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sandbox = openSandbox();
const python = runnerOf("python", sandbox);
const javascript = runnerOf("javascript", sandbox);

const pythonTask = {
    ...{ task_id: "HumanEval/900", prompt: "def double(a):\n", entry_point: "double" },
    canonical_solution: "    b = a + a\n    return b\n",
    test: "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(0) == 0\n",
};
const scriptTask = {
    ...{ task_id: "JavaScript/900", prompt: "const double = (a) => {\n" },
    canonical_solution: "  return a + a\n}\n",
    test: "console.log(1); console.assert(double(2) === 4)\nconsole.assert(double(0) === 0)\n",
};

function pythonHole(kind: TaskHole["kind"], hole: Partial<TaskHole> = {}): TaskHole {
    const place = { before: "def double(a):\n    b = ", truth: "a + a", after: "\n    return b\n" };
    return { kind, path: "solution.py", languageId: "python", ...place, task: pythonTask, ...hole };
}

const scriptHole: TaskHole = {
    ...{ kind: "span", path: "solution.js", languageId: "javascript", task: scriptTask },
    ...{ before: "const double = (a) => {\n  return ", truth: "a + a", after: "\n}\n" },
};

describe("a program", () => {
    it("is the answer between what was around the hole, then the test and its call", () => {
        expect(programOf(pythonHole("block"), "2 * a\n    c = 1")).toBe(
            `def double(a):\n    b = 2 * a\n    c = 1\n    return b\n\n${pythonTask.test}\ncheck(double)\n`,
        );
        expect(testOf(scriptTask)).toBe(`\n${scriptTask.test}\n`);
    });

    it("takes one line where the rest of a line was asked for", () => {
        const program = programOf(pythonHole("word"), "2 * a\n    c = 1");
        expect(program).toContain("    b = 2 * a\n    return b\n");
        expect(program).not.toContain("c = 1");
    });
});

/** For a second of processor time on a machine that is busy otherwise, ms. */
const PATIENT = { timeout: 120_000 };

/** Says that every program ended well, and counts them; a program passes by the word that it is given last. */
function agreeing(): { sandbox: Sandbox; programs: string[] } {
    const programs: string[] = [];
    const run: Sandbox["run"] = async ({ command, files = {} }) => {
        const program = files["solution"] ?? "";
        programs.push(program);
        const output = program.includes("wrong") ? "" : (command("/").at(-1) ?? "");
        return { code: 0, isLate: program.includes("late"), output, errors: "" };
    };
    return { sandbox: { isApart: true, run }, programs };
}

describe("pass@1", () => {
    const store = (name: string) => join(folder, name);

    it("runs each program once, also in a later run, and the reference before any answer", async () => {
        const { sandbox, programs } = agreeing();
        const cases = [scriptHole];
        const texts = [["a * 2"], ["wrong"], [undefined], ["a + a"]];
        const options = { cases, texts, folder: store("once"), sandbox };
        const { passed, notes } = await passesOf(options);
        expect(passed).toEqual([[true], [false], [false], [true]]);
        expect(programs.map((one) => /return (.*)/.exec(one)?.[1])).toEqual([
            ...["a + a", "a * 2", "wrong"],
        ]);
        expect(notes).toEqual([`pass@1: javascript ${process.version}, without network`]);
        expect((await passesOf(options)).passed).toEqual(passed);
        expect(programs).toHaveLength(3);
    });

    it("leaves tasks out whose own solution does not pass, and runs no answer to them", async () => {
        const { sandbox, programs } = agreeing();
        const broken = { ...scriptHole, truth: "wrong" };
        const texts = [["a + a", "a + a"]];
        const cases = [broken, scriptHole];
        const { passed, leftOut, notes } = await passesOf({
            ...{ cases, texts, folder: store("left"), sandbox },
        });
        expect(passed).toEqual([[undefined, true]]);
        expect(leftOut).toEqual(["JavaScript/900"]);
        expect(notes.at(-1)).toContain("1 tasks whose own solution does not pass");
        expect(programs).toHaveLength(2);
    });

    it("does not remember what the clock has ended", async () => {
        const { sandbox, programs } = agreeing();
        const options = { cases: [scriptHole], texts: [["late"]], folder: store("late"), sandbox };
        expect((await passesOf(options)).passed).toEqual([[false]]);
        expect((await passesOf(options)).passed).toEqual([[false]]);
        expect(programs.filter((one) => one.includes("late"))).toHaveLength(2);
    });

    it("is not told of languages that cannot be run, nor of tasks without a test", async () => {
        const { sandbox, programs } = agreeing();
        const rust = { ...scriptHole, languageId: "rust" };
        const bare = { ...scriptHole, task: { ...scriptTask, test: undefined } };
        const texts = [["a", "a"]];
        const { passed, notes } = await passesOf({
            ...{ cases: [rust, bare], texts, folder: store("none"), sandbox },
        });
        expect(passed).toEqual([[undefined, undefined]]);
        expect(notes).toContain("pass@1: no tests in rust are run here");
        expect(programs).toEqual([]);
    });
});

/** Processes of this machine whose command line has a word. */
function running(word: string): string[] {
    return readdirSync("/proc").filter((pid) => {
        try {
            return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(word);
        } catch {
            return false; // It ended meanwhile.
        }
    });
}

describe.runIf(sandbox)("the sandbox", () => {
    it("gives an empty environment, no input and a folder that goes away", async () => {
        const script = 'pwd; cat a; echo "[$HOME$USER]"; read line || echo "no input"';
        const { code, output } = await sandbox!.run({
            command: () => ["/bin/sh", "-c", script],
            files: { a: "text" },
        });
        const [place, ...lines] = output.split("\n");
        expect(lines).toEqual(["text[]", "no input", ""]);
        expect([code, existsSync(place!)]).toEqual([0, false]);
    });

    it("keeps the end of what is said, and writes no file", async () => {
        const path = join(folder, "written");
        const script = `i=0; while [ $i -lt 999 ]; do echo "line $i"; i=$((i + 1)); done; echo x > ${path}`;
        const { code, output } = await sandbox!.run({ command: () => ["/bin/sh", "-c", script] });
        expect(code).not.toBe(0);
        expect(output).toHaveLength(2000);
        expect(output.endsWith("line 998\n")).toBe(true);
        expect(readFileSync(path, "utf8")).toBe("");
    });

    it.runIf(process.platform === "linux")("leaves no process of a program's group", async () => {
        const word = "7654321.5";
        const script = `sleep ${word} & echo started`;
        const { output } = await sandbox!.run({ command: () => ["/bin/sh", "-c", script] });
        expect([output, running(word)]).toEqual(["started\n", []]);
    });

    it.runIf(sandbox?.isApart)("leaves no process that left its group", async () => {
        const word = "7654322.5";
        // The word "up" comes from the new session.
        const script = `(setsid sh -c 'echo up; exec sleep ${word} >&2' &) | read up; echo started`;
        const { output } = await sandbox!.run({ command: () => ["/bin/sh", "-c", script] });
        expect([output, running(word)]).toEqual(["started\n", []]);
    });

    it.runIf(sandbox?.isApart)("has no network, not even this computer's", async () => {
        const connections: unknown[] = [];
        const server = createServer((socket) => {
            connections.push(socket);
            socket.destroy();
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as AddressInfo;
        const script = `require("node:net").connect(${port}, "127.0.0.1").on("error", (e) => console.log(e.code))`;
        const { output } = await sandbox!.run({ command: () => [process.execPath, "-e", script] });
        server.close();
        expect([output, connections.length]).toEqual(["ENETUNREACH\n", 0]);
    });

    it("ends a program that waits, by the clock", async () => {
        const { code, isLate } = await sandbox!.run({
            command: () => ["/bin/sh", "-c", "sleep 1000; echo done"],
            limits: { ...LIMITS, wallMs: 50 },
        });
        expect([code, isLate]).toEqual([null, true]);
    });
});

describe.runIf(python)("an answer in Python", PATIENT, () => {
    const ran = (text: string) => python!.run(programOf(pythonHole("span"), text), LIMITS);

    it("passes when it does what the reference does", async () => {
        expect(await ran("a + a")).toMatchObject({ passed: true });
        expect(await ran("2 * a; print('chatty')")).toMatchObject({ passed: true });
    });

    it.each([
        ["is wrong", "a * a + 1", "AssertionError"],
        ["is no Python", "a +", "SyntaxError"],
        ["leaves early", "a + a; raise SystemExit(0)", ""],
        ["runs for ever", "a + a\n    while True: pass", ""],
        ["takes all memory", "a + a; bytearray(1 << 30)", "MemoryError"],
        ["forks", "a + a\n    import os\n    while True: os.fork()", "os.fork is refused"],
        ["starts a program", "a + a\n    import os\n    os.system('true')", "os.system is refused"],
        ["writes a file", "a + a; open('/tmp/ingot-no', 'w')", "open is refused"],
        [
            "removes a file",
            "a + a\n    import os\n    os.remove('solution')",
            "os.remove is refused",
        ],
        [
            "goes online",
            "a + a\n    import socket\n    socket.socket()",
            "socket.__new__ is refused",
        ],
        [
            "undoes a limit",
            "a + a\n    import resource as r\n    r.setrlimit(0, (9, 9))",
            "resource.setrlimit is refused",
        ],
    ])("does not pass when it %s", async (_, text, words) => {
        const { passed, isLate, errors } = await ran(text);
        expect([passed, isLate]).toEqual([false, false]);
        expect(errors).toContain(words);
        expect(existsSync("/tmp/ingot-no")).toBe(false);
    });
});

describe.runIf(javascript)("an answer in JavaScript", PATIENT, () => {
    const ran = (text: string) => javascript!.run(programOf(scriptHole, text), LIMITS);

    it("passes when it does what the reference does", async () => {
        expect(await ran("a + a")).toMatchObject({ passed: true });
        expect(await ran("(console.log('chatty'), 2 * a)")).toMatchObject({ passed: true });
    });

    it.each([
        ["is wrong", "a * a + 1", "an assertion does not hold"],
        ["is no JavaScript", "a +", "SyntaxError"],
        ["runs for ever", "(() => { for (;;); })()", ""],
        ["takes all memory", "[...Array(1e9).keys()]", ""],
        ["leaves early", "process.exit(0)", "process is not defined"],
        ["loads a module", "require('fs')", "require is not defined"],
        ["looks outside", "this.constructor.constructor('return process')()", "process"],
    ])("does not pass when it %s", async (_, text, words) => {
        const { passed, isLate, errors } = await ran(text);
        expect([passed, isLate]).toEqual([false, false]);
        expect(errors).toContain(words);
    });
});
