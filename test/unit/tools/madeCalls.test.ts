// Which calls only repeat what was made since the last question.
import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../../../src/protocol/chat";
import { MadeCalls } from "../../../src/tools/madeCalls";

const question: ChatMessage = { role: "user", content: "?" };
let nIds = 0;

/** A call and its result, which may be missing. */
function made(name: string, of: Record<string, unknown>, result?: string): ChatMessage[] {
    const id = String(nIds++);
    const call: ChatMessage = {
        role: "assistant",
        content: "",
        toolCalls: [{ id, name, arguments: of }],
    };
    return result === undefined
        ? [call]
        : [call, { role: "tool", content: result, toolCallId: id }];
}

const A = { filePath: "a.ts", code: "1" };
const isRepeated = (messages: ChatMessage[], name: string, of: Record<string, unknown>) =>
    new MadeCalls(messages, []).needless({ name, arguments: of }) !== undefined;

describe("what changes something", () => {
    it.each(["replace_string_in_file", "create_file", "vscode_renameSymbol", "delete_file"])(
        "is not done again: %s",
        (name) => {
            const messages = [question, ...made(name, A, "ok"), ...made("read_file", {}, "1")];
            expect(isRepeated(messages, name, { filePath: "a.ts", code: "1" })).toBe(true);
            expect(isRepeated(messages, name, { ...A, code: "2" })).toBe(false);
            expect(isRepeated(messages, "apply_patch", A)).toBe(false);
        },
    );

    it("may be done again for another question, or when it has no result", () => {
        const edit = made("insert_edit_into_file", A, "ok");
        expect(isRepeated([question, ...edit, question], "insert_edit_into_file", A)).toBe(false);
        const begun = made("insert_edit_into_file", A);
        expect(isRepeated([question, ...begun], "insert_edit_into_file", A)).toBe(false);
    });

    it("may be tried again after something else when it has failed, not at once", () => {
        const failed = made("replace_string_in_file", A, "Error: the file is locked");
        const looked = made("read_file", {}, "1");
        const name = "replace_string_in_file";
        expect(isRepeated([question, ...failed, ...looked], name, A)).toBe(false);
        expect(isRepeated([question, ...failed], name, A)).toBe(true);
        expect(isRepeated([question, ...failed, ...made(name, A, "ok")], name, A)).toBe(true);
    });

    it.each([
        ["str_replace_editor", { command: "view", path: "a" }],
        ["edit_store", { action: "list" }],
        ["undo_edit", {}],
        ["write_stdin", { text: "" }],
        ["find_next", {}],
        ["read_next_chunk", { path: "a" }],
        ["write_to_terminal", { text: "" }],
    ])("is not what %s may be", (name, of) => {
        expect(isRepeated([question, ...made(name, of, "ok")], name, of)).toBe(false);
        const other = made("read_file", {}, "1");
        const twice = [question, ...made(name, of, "ok"), ...other];
        expect(isRepeated(twice, name, of)).toBe(false);
    });

    it("is not done twice in one answer", () => {
        const calls = new MadeCalls([question], []);
        const call = { name: "create_file", arguments: A };
        calls.add(call);
        expect(calls.needless(call)).toBe("made");
        expect(calls.needless({ ...call, arguments: { ...A, code: "2" } })).toBeUndefined();
    });
});

it("what looks something up is not asked twice in a row, but again after something else", () => {
    const read = made("read_file", A, "1");
    expect(isRepeated([question, ...read], "read_file", A)).toBe(true);
    const edit = made("edit_file", A, "ok");
    expect(isRepeated([question, ...read, ...edit], "read_file", A)).toBe(false);
});

it("what runs something is run again, until the same came of it twice in a row", () => {
    const run = (result: string) => made("run_in_terminal", { command: "npm test" }, result);
    const again = (...results: string[]) =>
        isRepeated([question, ...results.flatMap(run)], "run_in_terminal", { command: "npm test" });
    expect(again("1 failed")).toBe(false);
    expect(again("2 failed", "1 failed")).toBe(false);
    expect(again("1 failed", "1 failed")).toBe(true);
    expect(again("1 failed", "1 failed", "0 failed")).toBe(false);
});

describe("a question that wants to know something", () => {
    const tools = ["read_file", "grep_search", "insert_edit_into_file", "run_in_terminal"].map(
        (name) => ({ name, description: "" }),
    );
    const next = (content: string, name: string) => {
        const asked: ChatMessage = { role: "user", content };
        return new MadeCalls([asked, ...made("read_file", A, "1")], tools).needless({
            name,
            arguments: A,
        });
    };

    it.each(["What does basket.ts do?", "Where is addPrices used?", "Explain src/price.ts."])(
        "is not answered by an edit: %s",
        (content) => {
            expect(next(content, "insert_edit_into_file")).toBe("known");
            expect(next(content, "grep_search")).toBeUndefined();
            expect(next(content, "run_in_terminal")).toBeUndefined();
        },
    );

    it("may be answered by a tool whose arguments say what it does", () => {
        const asked: ChatMessage = { role: "user", content: "What does basket.ts do?" };
        const parameters = { type: "object", properties: { action: {}, path: {} } };
        const messages = [asked, ...made("read_file", A, "1")];
        for (const name of ["str_replace_editor", "edit_store"]) {
            const calls = new MadeCalls(messages, [
                ...tools,
                { name, description: "", parameters },
            ]);
            expect(calls.isUnasked(name)).toBe(false);
            expect(calls.isUnasked("insert_edit_into_file")).toBe(true);
        }
    });

    it.each([
        "Look at basket.ts and fix what is wrong.",
        "In price.ts, change toFixed(2) to toFixed(3).",
        "What does basket.ts do? Document it.",
        "Why does cart.ts fail? It should be fixed.",
        "Do the same in basket.ts as in price.ts by renaming it.",
        "And now?",
        "Run the tests in basket.test.ts.",
    ])("is not this one: %s", (content) => {
        expect(next(content, "insert_edit_into_file")).toBeUndefined();
    });
});
