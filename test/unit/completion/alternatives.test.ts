// Other suggestions for the place of one: asked for once, distinct, and typed through like any other.
import { describe, expect, it } from "vitest";
import { settle } from "../../support/fakeClock";
import { answered, document, setUp, suggestion } from "./sessionSetup";

const signal = new AbortController().signal;
const FOUND = [
    { text: "beta)", confidence: 0.7 },
    { text: "alpha)", confidence: 0.6 },
    { text: "gamma)", confidence: 0.5 },
];

async function shown() {
    const all = setUp();
    await answered(all, "foo(|\n", suggestion("alpha)"));
    return all;
}

describe("alternatives", () => {
    it("are asked for once for a place, without the one that is shown", async () => {
        const { session, others } = await shown();
        const first = session.alternatives(document("foo(|\n"), "alpha)", signal);
        await settle();
        others[0]?.answer.resolve(FOUND);
        expect(await first).toEqual(["beta)", "gamma)"]);
        const again = session.alternatives(document("foo(|\n"), "alpha)", signal);
        expect(await again).toEqual(["beta)", "gamma)"]);
        expect(others).toHaveLength(1);
    });

    it("are typed through without the model, while the suggestion stays what it was", async () => {
        const { session, others, calls } = await shown();
        const promise = session.alternatives(document("foo(|\n"), "alpha)", signal);
        await settle();
        others[0]?.answer.resolve(FOUND);
        await promise;
        const ask = (text: string) => session.request(document(text), { trigger: "automatic" });
        expect(await ask("foo(|\n")).toMatchObject({ text: "alpha)" });
        expect(await ask("foo(g|\n")).toMatchObject({ text: "amma)", source: "cache" });
        expect(calls).toHaveLength(1);
    });

    it("are none when they fail, and looked for again then", async () => {
        const { session, others } = await shown();
        const controller = new AbortController();
        const promise = session.alternatives(document("foo(|\n"), "alpha)", controller.signal);
        await settle();
        controller.abort();
        expect(await promise).toEqual([]);
        void session.alternatives(document("foo(|\n"), "alpha)", signal);
        await settle();
        expect(others).toHaveLength(2);
    });

    it("are asked for anew at another place and after everything was forgotten", async () => {
        const { session, others } = await shown();
        void session.alternatives(document("foo(|\n"), "alpha)", signal);
        void session.alternatives(document("foo(a|\n"), "lpha)", signal);
        session.forget();
        void session.alternatives(document("foo(a|\n"), "lpha)", signal);
        await settle();
        expect(others).toHaveLength(3);
    });
});
