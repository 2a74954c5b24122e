/** What goes into a terminal is one line that runs nothing by itself, and what comes out of one is text. */

import { describe, expect, it } from "vitest";
import { plainOutput } from "../../../src/host/chat/attach/plainOutput";
import { commandsOf } from "../../../src/host/chat/terminalCommands";
import { isShell } from "../../../src/webview/shell";

describe("commandsOf", () => {
    it.each([
        ["one", "npm test\n", ["npm test"]],
        ["several", "cd a\n\n# then\nls", ["cd a", "ls"]],
        ["prompts, with output", "$ ls\na.ts\n$ pwd\n/x", ["ls", "pwd"]],
        ["continued lines", "docker run \\\n    -it \\\n  x", ["docker run -it x"]],
        ["carriage returns", "a\rb\r\nc", ["a", "b", "c"]],
        ["escape sequences", "a\u001b[200~b\u0007\u0000c", ["a[200~bc"]],
        ["line separators", "a\u2028b\u2029c\u0085d", ["abcd"]],
        ["text that turns around", "rm \u202etxt.a\u202c", ["rm txt.a"]],
        ["tabs", "a\tb", ["a b"]],
        ["nothing", "# only words\n", []],
    ])("%s", (_name, code, expected) => {
        expect(commandsOf(code)).toEqual(expected);
    });

    it.each([
        ["a loop in one line", "for f in *; do rm $f; done", ["for f in *; do rm $f; done"]],
        ["a pipe over lines", "ls |\n  wc -l &&\n  pwd", ["ls | wc -l && pwd"]],
        ["operators that begin lines", "cat a\n  | grep b\n  || true", ["cat a | grep b || true"]],
        ["no table that was printed", "$ mysql -e show\n| a | b\n$ ls", ["mysql -e show", "ls"]],
        ["quotes", `git commit -m "it's (done"`, [`git commit -m "it's (done"`]],
        ["a word with an apostrophe", "echo it\\'s", ["echo it\\'s"]],
        ["a path of Windows", "cd C:\\a", ["cd C:\\a"]],
        ["PowerShell", "if (Test-Path a) { rm a }", ["if (Test-Path a) { rm a }"]],
        ["what another command prints", "echo `date`", ["echo `date`"]],
        ["cmd", "if exist a del a", ["if exist a del a"]],
        ["names like words", "ifconfig\nformat c:", ["ifconfig", "format c:"]],
    ])("takes %s whole", (_name, code, expected) => {
        expect(commandsOf(code)).toEqual(expected);
    });

    it.each([
        "for f in *; do\n  echo $f\ndone",
        "for f in *\ndo\n  echo $f\ndone",
        "if [ -e a ]; then\n  rm a\nfi",
        "if [ -e a ]\nthen rm a\nfi",
        "case $a in\n  x) ls;;\nesac",
        "clean() {\n  rm -rf a\n}",
        "$ while true; do\n> rm a\n> done",
        'git commit -m "one\n\ntwo"',
        "awk '\n{ print }\n' a",
        "(\n  cd a\n  rm b\n)",
        "foreach ($f in $all) {\n  rm $f\n}",
        "docker run `\n  -it x",
        "for f in *\n  rm $f\nend",
        "cat a\n# only b\n| grep b",
        "&& rm a",
    ])("refuses what goes over lines: %j", (code) => expect(commandsOf(code)).toBeUndefined());

    it.each(["cat <<EOF\na\nEOF", "cat <<-'EOF'\na\nEOF", "x".repeat(2001), "a\n".repeat(51)])(
        "refuses what is not lines: %j",
        (code) => expect(commandsOf(code)).toBeUndefined(),
    );

    it("gives no character that a terminal acts on, whatever comes", () => {
        const all = Array.from({ length: 0x3000 }, (_, i) => String.fromCodePoint(i)).join("");
        // eslint-disable-next-line no-control-regex -- what must not be there
        for (const line of commandsOf(all) ?? []) expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
    });
});

it("only shells have the button", () => {
    expect(["bash", "sh", "PowerShell", "console"].map(isShell)).not.toContain(false);
    expect(["ts", "python", "text", "", "diff", "sql"].map(isShell)).not.toContain(true);
});

describe("plainOutput", () => {
    it.each([
        ["colours", "\u001b[31mred\u001b[0m", "red"],
        ["marks of the shell", "\u001b]633;C\u0007out\u001b]633;D;0\u001b\\", "out"],
        ["line ends", "a\r\nb\r\n", "a\nb\n"],
        ["a line that is written over", "10 %\r50 %\r100 %\ndone", "100 %\ndone"],
        ["other controls", "a\u0007b\u0008", "ab"],
    ])("%s", (_name, raw, text) => {
        expect(plainOutput(raw)).toBe(text);
    });
});
