// Which tool a question asks for: names are told apart where they part, and what is thought of them anyway is taken off.
import { describe, expect, it } from "vitest";
import {
    chanceOf,
    chosenOf,
    isWeak,
    scoresOf,
    type ChoiceModel,
} from "../../../src/engine/toolChoice";

/** One token for each letter; the probability of the one that is held to depends on what stands before it. */
function fakeModel(probability: (before: string, next: string) => number) {
    const asked: string[] = [];
    const model: ChoiceModel = {
        tokenize: (text) => [...text].map((c) => c.codePointAt(0) ?? 0),
        piece: (token) => String.fromCodePoint(token),
        next: ({ tokens, heldTo }, onChunk) => {
            const before = String.fromCodePoint(...tokens);
            // One literal: its kind, its length, its bytes.
            const next = String.fromCodePoint(...(heldTo?.numbers.slice(3) ?? []));
            asked.push(before + next);
            onChunk({ probabilities: [] });
            onChunk({ probabilities: [probability(before, next)] });
            return Promise.resolve();
        },
    };
    return { model, asked };
}
const prompt = [...">"].map((c) => c.codePointAt(0) ?? 0);

it("asks only where names part, also where one begins another", async () => {
    const { model, asked } = fakeModel((_, next) => (next === "r" ? 0.5 : 0.25));
    const scores = await scoresOf(model, prompt, ["run_a", "run_bc", "run", "list"]);
    expect(asked.toSorted()).toEqual([">l", ">r", '>run"', ">run_", ">run_a", ">run_b"]);
    expect(scores.get("list")).toBeCloseTo(Math.log(0.25));
    expect(scores.get("run")).toBeCloseTo(Math.log(0.5 * 0.25));
    expect(scores.get("run_bc")).toBeCloseTo(Math.log(0.5 * 0.25 * 0.25));
});

it("takes what is as good as impossible for that, and asks nothing of a single tool", async () => {
    const { model, asked } = fakeModel(() => 0);
    expect(await scoresOf(model, prompt, ["a", "b"])).toEqual(
        new Map([
            ["a", -30],
            ["b", -30],
        ]),
    );
    asked.length = 0;
    expect(await scoresOf(model, prompt, ["alone"])).toEqual(new Map([["alone", 0]]));
    expect(asked).toEqual([]);
});

describe("the tool that is chosen", () => {
    const tool = (name: string, description: string) => ({ name, description });
    const tools = [
        tool("aaa", "Reads a file."),
        tool("bbb", "Deletes a file."),
        tool("ccc", "Runs a command."),
    ];
    /** Of the three by their first letters. */
    const choose = (request: string, found: Record<string, number>, anyway: number[]) => {
        const { model, asked } = fakeModel((_, next) => found[next] ?? 0);
        const leaning = new Map(tools.map(({ name }, i) => [name, Math.log(anyway[i] ?? 1)]));
        return { asked, name: chosenOf(model, prompt, { tools, request, leaning }) };
    };
    const even = [1 / 3, 1 / 3, 1 / 3];

    it("is not the one that the model leans to whatever it is asked", async () => {
        const found = { a: 0.6, b: 0.3, c: 0.1 };
        expect(await choose("?", found, even).name).toBe("aaa");
        expect(await choose("?", found, [0.9, 0.05, 0.05]).name).toBe("bbb");
    });

    it("is the one whose words the question has, unless the model is sure of another", async () => {
        const found = { a: 0.5, b: 0.1, c: 0.4 };
        expect(await choose("Delete it!", found, even).name).toBe("bbb");
        const sure = { a: 0.999, b: 0.0001, c: 0.0001 };
        expect(await choose("Delete it!", sure, even).name).toBe("aaa");
    });

    it("is found without asking for those that cannot be it", async () => {
        const { model, asked } = fakeModel((_, next) => (next === "r" ? 0.01 : 0.9));
        const names = ["run_a", "run_b", "list"].map((name) => tool(name, ""));
        const more = { tools: names, request: "", leaning: new Map<string, number>() };
        expect(await chosenOf(model, prompt, more)).toBe("list");
        expect(asked.toSorted()).toEqual([">l", ">r"]);
    });

    it("is the model's own where it is large, or cannot go back", () => {
        expect(isWeak({ nParameters: 5e8, canTrim: true })).toBe(true);
        expect(isWeak({ nParameters: 7e9, canTrim: true })).toBe(false);
        expect(isWeak({ nParameters: 5e8, canTrim: false })).toBe(false);
    });
});

describe("how likely a call is", () => {
    it("adds up what it may begin with, and does not follow what is unlikely", async () => {
        const { model, asked } = fakeModel((_, next) => ({ x: 0.5, y: 0.5, z: 1e-4 })[next] ?? 0.1);
        const starts = ["xy", "a", "zxy"].map((text) => model.tokenize(text));
        expect(await chanceOf(model, prompt, starts)).toBeCloseTo(0.25 + 0.1, 3);
        expect(asked).toEqual([">x", ">xy", ">a", ">z"]);
    });
});
