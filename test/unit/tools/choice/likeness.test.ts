// Which tools a request has words in common with.
import { expect, it } from "vitest";
import { likenesses } from "../../../../src/tools/choice/likeness";

const tools = [
    { name: "readFile", description: "Reads the text of a file." },
    { name: "delete_file", description: "Deletes a file for good." },
    { name: "debug-start", description: "Starts the debugger." },
];
const scores = (request: string) => tools.map(({ name }) => likenesses(tools, request).get(name));
const best = (request: string) => {
    const all = scores(request).map((score) => score ?? -1);
    return tools[all.indexOf(Math.max(...all))]?.name;
};

it("counts words of names, however they are joined, and other forms of a word", () => {
    expect(best("Read a.ts")).toBe("readFile");
    expect(best("Please DELETE the file a.ts")).toBe("delete_file");
    expect(best("debugging")).toBe("debug-start");
});

it("counts words that are used for one another for less than the word itself", () => {
    expect(best("Erase it")).toBe("delete_file");
    expect(scores("erase")[1]).toBeLessThan(scores("delete")[1] ?? 0);
    expect(scores("open")[0]).toBeGreaterThan(0);
});

it("does not look into paths and quotations, and knows what an address is called", () => {
    for (const named of [
        "README.md",
        "src/debug/start",
        String.raw`C:\delete\file`,
        "debug.ts",
        "'read'",
        "`file`",
    ])
        expect([named, scores(`Say ${named}.`)]).toEqual([named, [0, 0, 0]]);
    const web = [{ name: "load", description: "Loads a web page." }, tools[1]!];
    const [loads = 0, removes] = likenesses(web, "What does https://delete.org/file say?").values();
    expect([loads > 0.5, removes]).toEqual([true, 0]);
});

it("takes names in code for what they are, but for a tool's own", () => {
    expect(scores("Where is READ_FILE_LIMIT, deleteAll or debug_start?")).toEqual([0, 0, 0]);
    expect(best("Use delete_file")).toBe("delete_file");
});

it("counts a word of one tool for more than one of several", () => {
    const [read = 0, removed = 0] = scores("file for good");
    expect(removed).toBeGreaterThan(2 * read);
    expect(read).toBeGreaterThan(0);
});

it("knows nothing of words that say nothing, of short ones, and of other languages", () => {
    for (const request of ["", "the of a", "re de", "Lösche die Datei"])
        expect([request, scores(request)]).toEqual([request, [0, 0, 0]]);
});
