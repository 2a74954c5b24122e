// Which model is taken for the search by meaning.
import { describe, expect, it } from "vitest";
import { chooseEmbeddings, writesText } from "../../../src/library/embeddings";

const model = (path: string, sizeBytes: number, more: object = {}) => ({
    path,
    sizeBytes,
    purpose: "embeddings" as const,
    comparesTexts: true,
    ...more,
});

describe("chooseEmbeddings", () => {
    it("takes the smallest that was made to compare texts", () => {
        const models = [
            model("chat", 1, { purpose: undefined }),
            model("ranks", 2, { purpose: "ranks" }),
            model("bare", 3, { comparesTexts: false }),
            model("broken", 4, { problem: "The file is damaged" }),
            model("b", 6),
            model("a", 6),
            model("small", 5),
        ];
        expect(chooseEmbeddings(models)?.path).toBe("small");
        expect(chooseEmbeddings(models.slice(0, 6))?.path).toBe("a");
        expect(chooseEmbeddings(models.slice(0, 4))).toBeUndefined();
        expect(chooseEmbeddings([model("large", 8e9)])).toBeUndefined();
    });

    it("leaves for completions and chat what writes", () => {
        expect(writesText({})).toBe(true);
        expect(writesText({ purpose: "embeddings" })).toBe(false);
        expect(writesText({ purpose: "ranks" })).toBe(false);
    });
});
