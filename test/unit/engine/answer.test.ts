// An answer followed token by token: what belongs to it and when it is complete.
import { describe, expect, it } from "vitest";
import { Answer } from "../../../src/engine/answer";
import { marked } from "../prompt/marked";

const PIECES = ["    ", "return", " total", ";", "\n", "}", "ot", "😀", "\uFFFD"];
const token = (text: string) => PIECES.indexOf(text);

function follow(at: string, isGated = true) {
    const context = { ...marked(at), languageId: "typescript", maxLines: 8 };
    const answer = new Answer(
        { ...context, trigger: "automatic" },
        (id) => PIECES[id] ?? "",
        isGated,
    );
    const push = (text: string, tokens: string[], probabilities: number[]) =>
        answer.push({ text, tokens: tokens.map(token), probabilities });
    return { answer, push };
}

describe("Answer", () => {
    it("is complete at the end of the line", () => {
        const { answer, push } = follow("{\n    |\n}\n");
        expect(push("return total;", ["return", " total", ";"], [0.9, 0.9, 0.9])).toBe(
            "return total;",
        );
        expect(answer.stop).toBeUndefined();
        push("\n}", ["\n", "}"], [0.9, 0.9]);
        expect(push("\n", ["\n"], [0.9])).toBe("\n");
        expect(answer.stop).toMatchObject({ length: "return total;".length });
    });

    it("ends before a guess, also within several tokens at a time", () => {
        const { answer, push } = follow("{\n    |\n}\n");
        expect(push("return total;", ["return", " total", ";"], [0.9, 0.01, 0.9])).toBe("return");
        expect(answer.stop).toEqual({ length: "return".length, reason: "unsure" });
        expect(push("more", [";"], [0.9])).toBe("");
    });

    it("is nothing when its first token is a guess", () => {
        const { answer, push } = follow("{\n    |\n}\n");
        push("return", ["return"], [0.05]);
        expect(answer.stop).toEqual({ length: 0, reason: "unsure" });
    });

    it("ends before what a measurement calls a guess", () => {
        const context = { ...marked("{\n    |\n}\n"), languageId: "typescript", maxLines: 8 };
        const stopAt = (minProbability: number) => {
            const piece = (id: number) => PIECES[id] ?? "";
            const answer = new Answer(
                { ...context, trigger: "automatic" },
                piece,
                true,
                minProbability,
            );
            const tokens = ["return", " total", ";"].map(token);
            answer.push({ text: "return total;", tokens, probabilities: [0.9, 0.4, 0.9] });
            return answer.stop?.length;
        };
        expect(stopAt(0.3)).toBeUndefined();
        expect(stopAt(0.5)).toBe("return".length);
        expect(stopAt(0.95)).toBe(0);
    });

    it("does not count what was typed already", () => {
        const { answer, push } = follow("{\n    return t|\n}\n");
        push("otal", [" total"], [0.9]);
        push(";", [";"], [0.01]);
        expect(answer.stop).toEqual({ length: "otal".length, reason: "unsure" });
    });

    it("never ends inside a character that takes several tokens", () => {
        const { answer, push } = follow('"|\n');
        expect(push("😀", ["😀"], [0.9])).toBe("😀");
        expect(push("", ["\uFFFD"], [0.01])).toBe("");
        expect(answer.stop).toEqual({ length: "😀".length, reason: "unsure" });
        const other = follow('"|\n');
        other.push("😀", ["😀"], [0.9]);
        other.push("", ["\uFFFD"], [0.9]);
        expect(other.push("😀", ["\uFFFD"], [0.01])).toBe("");
        expect(other.answer.stop).toEqual({ length: "😀".length, reason: "unsure" });
    });

    it("ends where a rule lets nothing more through, and gives no text of it away", () => {
        const { answer, push } = follow("f(|)\n");
        expect(push("a", [], [])).toBe("a");
        expect(push(", b);", [], [])).toBe(", b");
        expect(answer.stop).toEqual({ length: 4, reason: "filter", filter: "closers" });
        expect(push("c", [], [])).toBe("");
    });

    it("keeps guesses when asked for explicitly", () => {
        const { answer, push } = follow("{\n    |\n}\n", false);
        expect(push("return", ["return"], [0.01])).toBe("return");
        expect(answer.stop).toBeUndefined();
    });

    it("ends at the first token that goes on in the line of a whole statement", () => {
        const context = { ...marked("a();|\n"), languageId: "typescript", maxLines: 8 };
        const syntax = { at: "after-statement" } as const;
        const answer = new Answer(
            { ...context, trigger: "automatic", syntax },
            (id) => PIECES[id] ?? "",
            false,
        );
        expect(answer.push({ text: " total", tokens: [2], probabilities: [0.9] })).toBe("");
        expect(answer.stop).toEqual({ length: 0, reason: "scope-end" });
    });
});
