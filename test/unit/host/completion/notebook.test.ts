/** Cells above a cell as one text. */

import { describe, expect, it, vi } from "vitest";
import { joinedCells } from "../../../../src/host/completion/notebook";

vi.mock("vscode", () => ({ NotebookCellKind: { Markup: 1, Code: 2 }, workspace: {} }));

const code = (text: string, languageId = "python") => ({ text, languageId, isCode: true });

describe("joinedCells", () => {
    it("are the code in the same language, each with a blank line behind it", () => {
        const cells = [
            code("import os\n\n"),
            { text: "# Title", languageId: "markdown", isCode: false },
            code("%%bash\nls"),
            code("select 1", "sql"),
            code(""),
            code("x = 1"),
        ];
        expect(joinedCells(cells, "python")).toBe("import os\n\nx = 1\n\n");
        expect(joinedCells([], "python")).toBe("");
    });

    it("are the last ones when they are too many, whole", () => {
        const long = (name: string) => code(`${name} = 1\n`.repeat(30_000));
        const text = joinedCells([long("a"), long("b"), code("c = 1")], "python");
        expect(text.startsWith("b = 1\n")).toBe(true);
        expect(text.endsWith("\n\nc = 1\n\n")).toBe(true);
    });
});
