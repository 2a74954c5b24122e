// What a person sends away or types past is not shown again at the same place; and what was still growing then does not appear.
import { describe, expect, it } from "vitest";
import { READ_MS } from "../../../src/completion/rejections";
import { settle } from "../../support/fakeClock";
import { answered, document, setUp, suggestion } from "./sessionSetup";

const automatic = { trigger: "automatic" } as const;
const URI = "file:///a.ts";

describe("a suggestion that was dismissed", () => {
    it("is not shown again at the same place, also after going back, and the model is not asked", async () => {
        const all = setUp();
        await answered(all, "foo(|\n", suggestion("alpha)"));
        all.session.dismiss(URI);
        for (const text of ["foo(|\n", "foo(|\n"])
            expect(await all.session.request(document(text), automatic)).toEqual({
                kind: "none",
                reason: "rejected",
                stage: "filter",
            });
        expect(all.calls).toHaveLength(1);
    });

    it("comes when it is asked for, and where its beginning is typed", async () => {
        const all = setUp();
        await answered(all, "foo(|\n", suggestion("alpha)"));
        all.session.dismiss(URI);
        const typed = await all.session.request(document("foo(a|\n"), automatic);
        expect(typed).toMatchObject({ text: "lpha)", source: "cache" });
        const asked = await all.session.request(document("foo(|\n"), { trigger: "explicit" });
        expect(asked).toMatchObject({ text: "alpha)" });
    });

    it("is not on the screen, and is again when it was asked for", async () => {
        const all = setUp();
        const isShown = () => all.session.isShown(document("foo(|\n"));
        expect(isShown()).toBe(false);
        await answered(all, "foo(|\n", suggestion("alpha)"));
        expect(isShown()).toBe(true);
        expect(all.session.isShown(document("bar(|\n"))).toBe(false);
        all.session.dismiss(URI);
        expect(isShown()).toBe(false);
        await all.session.request(document("foo(|\n"), { trigger: "explicit" });
        expect(isShown()).toBe(true);
    });

    it("does not hide others, nor the same elsewhere", async () => {
        const all = setUp();
        await answered(all, "foo(|\n", suggestion("alpha)"));
        all.session.dismiss(URI);
        const elsewhere = await answered(all, "bar(|\n", suggestion("alpha)"));
        expect(elsewhere).toMatchObject({ text: "alpha)" });
        all.session.forget();
        await answered(all, "foo(|\n", suggestion("alpha)"));
        all.session.dismiss(URI);
        all.session.anticipate(document("fo|\n"));
        const other = await answered(all, "foo(|\n// changed", suggestion("beta)"));
        expect(other).toMatchObject({ text: "beta)" });
    });

    it("does nothing where nothing is shown", async () => {
        const all = setUp();
        all.session.dismiss(URI);
        await answered(all, "foo(|\n", suggestion("alpha)"));
        all.session.dismiss("file:///b.ts");
        expect(await all.session.request(document("foo(|\n"), automatic)).toMatchObject({
            text: "alpha)",
        });
    });

    it("keeps its rest to itself when that was still being written", async () => {
        for (const isDismissed of [false, true]) {
            const { session, calls, clock, grown } = setUp({}, 300);
            const promise = session.request(document("f() |\n"), automatic);
            await clock.advance(20);
            calls[0]?.say("{\n    let a = 1;\n");
            await clock.advance(300);
            calls[0]?.say("    ret");
            expect(await promise).toMatchObject({ text: "{\n    let a = 1;" });
            if (isDismissed) session.dismiss(URI);
            calls[0]?.answer.resolve(suggestion("{\n    let a = 1;\n    return a;\n}"));
            await settle();
            expect(grown).toEqual(isDismissed ? [] : [[URI, 1]]);
            expect(calls[0]?.signal.aborted).toBe(isDismissed);
        }
    });
});

describe("a suggestion that was left for another editor", () => {
    it("is not on the screen, and who types something else after it has not rejected it", async () => {
        const all = setUp();
        await answered(all, "foo(|\n", suggestion("alpha)"));
        await all.clock.advance(READ_MS);
        all.session.left();
        expect(all.session.isShown(document("foo(|\n"))).toBe(false);
        all.session.anticipate(document("foo(x|\n"));
        expect(await all.session.request(document("foo(|\n"), automatic)).toMatchObject({
            text: "alpha)",
        });
    });
});

describe("a suggestion that was typed past", () => {
    const typePast = async (readMs: number, typed = "x") => {
        const all = setUp();
        await answered(all, "foo(|\n", suggestion("alpha)"));
        await all.clock.advance(readMs);
        all.session.anticipate(document(`foo(${typed}|\n`));
        return all.session.request(document("foo(|\n"), automatic);
    };
    it("after it could be read counts as rejected", async () => {
        expect(await typePast(READ_MS)).toMatchObject({ reason: "rejected" });
    });
    it.each([
        ["that nobody could have read", READ_MS - 1, "x"],
        ["when the beginning of it was typed", READ_MS, "al"],
        ["when all of it and more was typed", READ_MS, "alpha), b"],
    ])("does not %s", async (_, readMs, typed) => {
        expect(await typePast(readMs, typed)).toMatchObject({ text: "alpha)" });
    });
});
