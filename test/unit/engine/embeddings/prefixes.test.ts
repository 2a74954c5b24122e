// What embedding models read in front of a text.
import { describe, expect, it } from "vitest";
import { prefixesOf } from "../../../../src/engine/embeddings/prefixes";

describe("prefixesOf", () => {
    it.each([
        [["nomic-embed-text-v1.5", "nomic-bert"], "search_query: ", "search_document: "],
        [["Nomic Embed Code", "qwen2"], "Represent this query for searching relevant code: ", ""],
        [["CodeRankEmbed", "nomic-bert"], "Represent this query for searching relevant code: ", ""],
        [["E5 Small v2", "bert", "e5-small-v2-q8_0.gguf"], "query: ", "passage: "],
        [["multilingual_e5_base", "bert"], "query: ", "passage: "],
        [
            ["embeddinggemma 300m", "gemma-embedding"],
            "task: code retrieval | query: ",
            "title: none | text: ",
        ],
        [["Snowflake Arctic Embed M v2.0", "bert"], "query: ", ""],
        [
            ["snowflake-arctic-embed-xs", "bert"],
            "Represent this sentence for searching relevant passages: ",
            "",
        ],
        [
            ["Bge Small En v1.5", "bert"],
            "Represent this sentence for searching relevant passages: ",
            "",
        ],
        [["bge-m3", "bert"], "", ""],
        [["MiniLM L6 H384 Uncased", "bert", "all-MiniLM-L6-v2.gguf"], "", ""],
        [["jina-embeddings-v2-base-code", "jina-bert-v2"], "", ""],
        [["Some e50 model"], "", ""],
    ])("knows %j", (names, question, piece) => {
        expect(prefixesOf(names)).toEqual({ question, piece });
    });

    it("gives Qwen3 its task and no prefix to texts", () => {
        const { question, piece } = prefixesOf(["Qwen3 Embedding 0.6B", "qwen3"]);
        expect(question).toMatch(/^Instruct: .+\nQuery: $/);
        expect(piece).toBe("");
    });
});
