// When a session looks around a place, and that no keystroke waits for it.
import { describe, expect, it } from "vitest";
import { Deferred } from "../../../src/base/async";
import { bounded } from "../../../src/context/bounded";
import type { ContextSource, Place, Snippet } from "../../../src/context/snippet";
import { settle } from "../../support/fakeClock";
import { answered, document, setUp, suggestion } from "./sessionSetup";

const piece = (path: string): Snippet => ({
    kind: "definition",
    path,
    file: `file:///${path}`,
    text: `text of ${path}`,
});

/** A source that answers when the test says so. */
function slowSource() {
    const asked: { place: Place; found: Deferred<readonly Snippet[]> }[] = [];
    const source: ContextSource = {
        gather(place) {
            const found = new Deferred<readonly Snippet[]>();
            asked.push({ place, found });
            return found.promise;
        },
    };
    return { source, asked };
}

function set(settings = {}) {
    const { source, asked } = slowSource();
    return { ...setUp(settings, undefined, source), asked };
}

describe("looking around", () => {
    it("sends what was found where the cursor rests, with what is read and asked there", async () => {
        const { session, asked, reads, calls, clock } = set();
        session.visit(document("a|\n"));
        asked[0]?.found.resolve([piece("b.ts")]);
        await clock.advance(60);
        expect(reads[0]?.request.snippets).toEqual([piece("b.ts")]);
        void session.request(document("ab|\n"), { trigger: "automatic" });
        await clock.advance(20);
        expect(calls[0]?.request.snippets).toEqual([piece("b.ts")]);
    });

    it("reads again when something is found late", async () => {
        const { session, asked, reads, clock } = set();
        session.visit(document("a|\n"));
        await clock.advance(60);
        expect(reads.map(({ request }) => request.snippets)).toEqual([undefined]);
        asked[0]?.found.resolve([piece("b.ts")]);
        await settle();
        expect(reads[1]?.request).toMatchObject({ snippets: [piece("b.ts")], idle: "short" });
    });

    it("keeps a file's first request waiting for 50 ms at most, and later ones not at all", async () => {
        const { session, asked, calls, clock } = set({ debounceMs: 0 });
        void session.request(document("a|\n"), { trigger: "automatic" });
        await clock.advance(49);
        expect(calls).toHaveLength(0);
        await clock.advance(1);
        expect(calls).toHaveLength(1);
        expect(calls[0]?.request.snippets).toBeUndefined();
        asked[0]?.found.resolve([piece("b.ts")]);
        await settle();
        void session.request(document("x|\n"), { trigger: "automatic" });
        await settle();
        expect(calls[1]?.request.snippets).toEqual([piece("b.ts")]);
    });

    it("asks as soon as something is found", async () => {
        const { session, asked, calls, clock } = set({ debounceMs: 0 });
        void session.request(document("a|\n"), { trigger: "automatic" });
        await clock.advance(10);
        asked[0]?.found.resolve([piece("b.ts")]);
        await settle();
        expect(calls[0]?.request.snippets).toEqual([piece("b.ts")]);
    });

    it("begins work at a change at once, whatever is being looked for", async () => {
        const { session, calls } = set({ debounceMs: 0 });
        session.anticipate(document("a|\n"));
        expect(calls).toHaveLength(1);
    });

    it("looks anew at a line start and when the person rests, not at every key", async () => {
        const all = set({ debounceMs: 0 });
        for (const text of ["a|\n", "ab|\n", "abc|\n"]) all.session.anticipate(document(text));
        expect(all.asked).toHaveLength(0);
        all.session.anticipate(document("abc\n|\n"));
        expect(all.asked).toHaveLength(1);
        all.asked[0]?.found.resolve([]);
        await settle();
        await answered(all, "abc\nd|\n", suggestion("bc\nde"));
        expect(all.asked).toHaveLength(1);
        await all.clock.advance(250);
        expect(all.asked).toHaveLength(2);
    });

    it("looks at one place at a time, and then at the newest", async () => {
        const { session, asked } = set();
        for (const text of ["a|\n", "b|\n", "c|\n"]) session.visit(document(text));
        expect(asked).toHaveLength(1);
        asked[0]?.found.resolve([]);
        await settle();
        expect(asked.map(({ place }) => place.prefix)).toEqual(["a", "c"]);
    });

    it("answers from what is known, whatever is found meanwhile", async () => {
        const all = set({ debounceMs: 0 });
        const asking = all.session.request(document("a = |\n"), { trigger: "automatic" });
        await all.clock.advance(50);
        all.calls[0]?.answer.resolve(suggestion("one;"));
        await asking;
        all.asked[0]?.found.resolve([piece("b.ts")]);
        await settle();
        const next = await all.session.request(document("a = o|\n"), { trigger: "automatic" });
        expect(next).toMatchObject({ text: "ne;", source: "cache" });
    });

    it("shows no secret file, and forgets everything when it is told to", async () => {
        const { session, asked, reads, clock } = set();
        session.visit(document("a|\n"));
        asked[0]?.found.resolve([piece(".env"), piece("b.ts")]);
        await clock.advance(60);
        expect(reads[0]?.request.snippets).toEqual([piece("b.ts")]);
        session.visit(document("b|\n"));
        session.forget();
        asked[1]?.found.resolve([piece("c.ts")]);
        session.visit(document("c|\n"));
        await clock.advance(60);
        expect(reads[1]?.request.snippets).toBeUndefined();
    });

    it("gives nothing of a withdrawn file away, and no more answers that were made of it", async () => {
        const { session, asked, reads, clock } = set();
        const other = { uri: "file:///other.ts" };
        session.visit(document("a|\n", other));
        session.visit(document("b|\n"));
        asked[0]?.found.resolve([piece("kept.ts")]);
        await settle();
        asked[1]?.found.resolve([piece("gone.ts"), piece("kept.ts")]);
        await clock.advance(60);
        session.withdraw(["file:///gone.ts", "file:///never.ts"]);
        session.visit(document("c|\n"));
        await clock.advance(60);
        expect(reads.at(-1)?.request.snippets).toEqual([piece("kept.ts")]);
    });

    it("ends what is being asked with a file that is withdrawn, and forgets what was answered", async () => {
        const { session, asked, calls, clock } = set({ debounceMs: 0 });
        const ask = (marked: string) => session.request(document(marked), { trigger: "automatic" });
        const first = ask("a|\n");
        asked[0]?.found.resolve([piece("gone.ts")]);
        await settle();
        calls[0]?.answer.resolve(suggestion("bcd"));
        await first;
        void ask("x|\n");
        await settle();
        expect(calls).toHaveLength(2);
        session.withdraw([]);
        expect(calls[1]?.signal.aborted).toBe(false);
        session.withdraw(["file:///gone.ts"]);
        expect(calls[1]?.signal.aborted).toBe(true);
        void ask("a|\n");
        await clock.advance(60);
        expect(calls).toHaveLength(3);
        expect(calls[2]?.request.snippets).toEqual([]);
    });

    it("looks again where something was withdrawn meanwhile", async () => {
        const { session, asked, reads, clock } = set();
        session.visit(document("a|\n"));
        session.withdraw(["file:///gone.ts"]);
        asked[0]?.found.resolve([piece("gone.ts")]);
        await settle();
        expect(asked).toHaveLength(2);
        asked[1]?.found.resolve([piece("kept.ts")]);
        await clock.advance(60);
        expect(reads[0]?.request.snippets).toEqual([piece("kept.ts")]);
    });

    it("goes on when a source fails", async () => {
        const source: ContextSource = { gather: () => Promise.reject(new Error("no")) };
        const { session, calls, clock } = setUp({}, undefined, source);
        void session.request(document("a|\n"), { trigger: "automatic" });
        await clock.advance(20);
        expect(calls).toHaveLength(1);
    });
});

describe("bounded", () => {
    it("keeps the first pieces, whole lines of large ones, and `\\n` only", () => {
        const lines = "a line of a file\r\n".repeat(1000);
        const many = Array.from({ length: 60 }, (_, i) => ({ ...piece(`${i}.ts`), text: lines }));
        const kept = bounded([{ ...piece("e.ts"), text: " \n" }, ...many]);
        const sum = kept.reduce((total, { text }) => total + text.length, 0);
        expect(kept[0]?.path).toBe("0.ts");
        expect(sum).toBeLessThanOrEqual(32_000);
        expect(kept.every(({ text }) => text.endsWith("file\n") && !text.includes("\r"))).toBe(
            true,
        );
        expect(bounded(many.map((one) => ({ ...one, text: "x" })))).toHaveLength(32);
    });
});
