/** Three dots alone on a line: what stays, a body, or a line of the file's own. */

import { describe, expect, it } from "vitest";
import { apply, result } from "./applying";

const python = (file: string, code: string) => result(apply(file, code, { language: "python" }));

const FILE = `class A(Base):
    x = 1

    def a(self):
        """Old."""
        return 1

    def b(
        self,
        n,
    ):
        if n:
            y(n)
        else:
            z()
`;

describe("dots of Python", () => {
    it.each([
        [
            "below new texts",
            'def a(self):\n    """New."""\n    ...\n\ndef b(self, n):\n    """B."""\n    ...\n',
            FILE.replace("Old", "New")
                .replace("(\n        self,\n        n,\n    )", "(self, n)")
                .replace("        if n", '        """B."""\n        if n'),
        ],
        [
            "below a new text of a function alone",
            'def a(self) -> int:\n    """New."""\n    ...\n',
            FILE.replace("Old", "New").replace("(self):", "(self) -> int:"),
        ],
        [
            "in one branch",
            "def b(\n    self,\n    n,\n):\n    if n:\n        ...\n    else:\n        c()\n",
            FILE.replace("z()", "c()"),
        ],
    ])("stand for what is there: %s", (_name, code, wanted) => {
        expect(python(FILE, code)).toBe(wanted);
    });

    it.each(["", '    """Old one."""\n\n'])(
        "below a text of a class bring no second one (%j)",
        (old) => {
            const file = `class A(Base):\n${old}    x = 1\n\n    def a(self):\n        return 1\n`;
            const text = '    """New one."""\n';
            const code = `class A(Base):\n${text}    ...\n\n    def a(self):\n        return 2\n`;
            const wanted = file.replace("return 1", "return 2").replace(old, "");
            expect(python(file, code).replace(/\n+(?= {4}x)/, "\n")).toBe(
                wanted.replace("    x", `${text}    x`),
            );
        },
    );

    it.each([
        ["the file has dots", "def f(a):\n    ...\n\n\nf(1)\n"],
        ["the file has nothing", "def f(a):\n    pass\n\n\nf(1)\n"],
        ["the file has a text only", 'def f(a):\n    """F."""\n\n\nf(1)\n'],
        ["it is on one line", "def f(a): ...\n\n\nf(1)\n"],
    ])("are a body where %s", (_name, file) => {
        const code = 'def f(a, b):\n    """More."""\n    ...';
        expect(python(file, code)).toBe(`${code}\n\n\nf(1)\n`);
    });

    it("stand for what is on the line of the header", () => {
        const code = 'def f(a):\n    """More."""\n    ...';
        expect(python("def f(a): return a\n\n\nf(1)\n", code)).not.toBe(`${code}\n\n\nf(1)\n`);
    });

    it.each([
        ["is abstract", "    @abstractmethod\n    def a(self):\n        ...\n"],
        ["is new", "    def c(self):\n        ...\n"],
        ["is another of its name", "    @a.setter\n    def a(self, n):\n        ...\n"],
        ["is a new branch", "    def a(self):\n        if q:\n            ...\n        return 1\n"],
    ])("are a body where it %s", (_name, member) => {
        expect(python(FILE, `class A(Base):\n${member}`)).toContain(member);
    });

    it("in a text are its own", () => {
        const text = `    """F.

    >>> f()
    Traceback (most recent call last):
        ...
    ValueError: it's "no"
    """
`;
        expect(python("def f():\n    return 1\n\n\nf()\n", `def f():\n${text}    return 2\n`)).toBe(
            `def f():\n${text}    return 2\n\n\nf()\n`,
        );
    });
});

it.each([
    ["markdown", "# A\n\nOld text.\n\n```\na\n...\nb\n```\n\nThe end.\n"],
    ["yaml", "a: Old\nb: 2\n...\n"],
])("dots that the file has are its own (%s)", (language, file) => {
    const code = file.replace("Old", "New");
    expect(result(apply(file, code.trimEnd(), { language }))).toBe(code);
});
