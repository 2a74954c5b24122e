/** What can be added to a question: which names fit, what is dropped, how much of a text goes along. */

import { describe, expect, it } from "vitest";
import { best } from "../../../src/host/chat/attach/rank";
import { passageBlock } from "../../../src/host/chat/context";
import { refusalOf, urisOf } from "../../../src/webview/drop";

describe("best", () => {
    const paths = ["src/basket.ts", "src/app.ts", "test/basket.test.ts", "docs/bar.md", "app/x.ts"];
    const find = (query: string, n = 9) => best(query, paths, (path) => path, n);

    it.each([
        ["app", ["src/app.ts", "app/x.ts"]],
        ["basket.ts", ["src/basket.ts", "test/basket.test.ts"]],
        ["srcbt", ["src/basket.ts"]],
        ["APP.TS", ["src/app.ts", "app/x.ts"]],
        ["zzz", []],
    ])("%s", (query, expected) => {
        const found = find(query);
        expect(found.slice(0, expected.length)).toEqual(expected);
        if (expected.length === 0) expect(found).toEqual([]);
    });

    it("gives the first ones for nothing, and no more than asked for", () => {
        expect(find("", 2)).toEqual(paths.slice(0, 2));
    });
});

describe("passageBlock", () => {
    const text = "one\ntwo\nthree\n";
    const passage = { label: "terminal", title: "Output", text };

    it("is whole when it fits", () => {
        expect(passageBlock({ ...passage, keep: "beginning" }, 100)).toEqual({
            label: "terminal",
            text: "Output:\n```\none\ntwo\nthree\n```",
        });
    });

    it("keeps the end of an output and the beginning of a list, and says so", () => {
        expect(passageBlock({ ...passage, keep: "end" }, 10)).toEqual({
            label: "terminal, end, 2 of 3 lines",
            text: "Output, end, 2 of 3 lines:\n```\ntwo\nthree\n```",
        });
        expect(passageBlock({ ...passage, keep: "beginning" }, 8).text).toContain(
            "\none\ntwo\n```",
        );
    });

    it("cannot be ended by what it holds", () => {
        const { text } = passageBlock({ ...passage, text: "```\nx", keep: "end" }, 100);
        expect(text).toBe("Output:\n````\n```\nx\n````");
    });
});

describe("what is dropped", () => {
    it("is the addresses of a list", () => {
        expect(urisOf("# comment\r\nfile:///a%20b.ts\r\n\r\nfile:///c\r\n")).toEqual([
            "file:///a%20b.ts",
            "file:///c",
        ]);
        expect(urisOf("")).toEqual([]);
    });

    it.each([
        [{ name: "a.png", type: "image/png", size: 10 }, /a\.png is an image.*paste the text/],
        [{ name: "", type: "image/png", size: 10 }, /^This is an image/],
        [{ name: "a.mp4", type: "video/mp4", size: 10 }, /cannot be read as text/],
        [{ name: "a.log", type: "text/plain", size: 200_001 }, /larger than 200 kB/],
    ])("is refused with a sentence: %j", (file, sentence) => {
        expect(refusalOf(file)).toMatch(sentence);
    });

    it("is taken when it is text", () => {
        expect(refusalOf({ name: "a.ts", type: "", size: 10 })).toBeUndefined();
        expect(refusalOf({ name: "a.svg", type: "image/svg+xml", size: 10 })).toBeUndefined();
    });
});
