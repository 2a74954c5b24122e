// Importance matrices and error feedback in the editor: what is asked, what is offered later, and what a job gets of it.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../../src/base/errors";
import type { ImatrixOptions } from "../../../../src/host/lab/imatrix";
import type { ConvertOptions } from "../../../../src/host/models/convert";
import type { QuantizeOptions } from "../../../../src/host/models/quantize";
import { isPendingJob } from "../../../../src/host/models/pendingJob";
import { imatrixBytes } from "../../../../src/lab/imatrix/write";
import type { ImatrixParams, ImatrixResult } from "../../../../src/protocol/lab";
import type { ConvertParams, ConvertPlan, QuantizeParams } from "../../../../src/protocol/worker";
import { temporaryFolder } from "../../../support/temporaryFolder";

interface Item {
    label: string;
    description?: string;
    detail?: string;
}
/** What the person chooses, one list after the other, of some several rows; a list that nothing is left for is closed. */
let choices: (RegExp | readonly RegExp[])[] = [];
/** What the person types as sizes to fit to; none left: Escape. */
let sizes: string[] = [];
/** `ticked`: labels that were, as the list came. */
let lists: { title: string; placeholder: string; items: Item[]; ticked: string[] }[] = [];
vi.mock("vscode", () => ({
    QuickPickItemKind: { Separator: -1 },
    ProgressLocation: { Notification: 15 },
    window: {
        createQuickPick: () => {
            const on = { accept: () => undefined as void, hide: () => undefined as void };
            const listen = (name: keyof typeof on) => (act: () => void) => {
                on[name] = act;
                return { dispose: () => undefined };
            };
            const pick = {
                title: "",
                placeholder: "",
                items: [] as Item[],
                selectedItems: [] as Item[],
                onDidAccept: listen("accept"),
                onDidHide: listen("hide"),
                onDidChangeValue: () => ({ dispose: () => undefined }),
                onDidChangeSelection: () => ({ dispose: () => undefined }),
                dispose: () => undefined,
                show: () => {
                    const ticked = pick.selectedItems.map(({ label }) => label);
                    const { title, placeholder, items } = pick;
                    lists.push({ title, placeholder, items, ticked });
                    const wanted = [choices.shift() ?? []].flat();
                    pick.selectedItems = wanted.flatMap((one) => {
                        const found = pick.items.find(({ label }) => one.test(label));
                        return found ? [found] : [];
                    });
                    queueMicrotask(pick.selectedItems.length > 0 ? on.accept : on.hide);
                },
            };
            return pick;
        },
        showInputBox: () => Promise.resolve(sizes.shift()),
        withProgress: (_: unknown, task: (progress: unknown, token: unknown) => unknown) =>
            task(
                { report: () => undefined },
                {
                    isCancellationRequested: false,
                    onCancellationRequested: () => ({ dispose: () => undefined }),
                },
            ),
    },
}));

const { makeImatrix } = await import("../../../../src/host/lab/imatrix");
const { pickTypes } = await import("../../../../src/host/lab/comparePick");
const { quantizeModel } = await import("../../../../src/host/models/quantize");
const { convertModel } = await import("../../../../src/host/models/convert");
const { feedbackSeconds } = await import("../../../../src/host/models/calibration");

const home = temporaryFolder("measuring");
let library: string;
let model: string;
beforeEach(() => {
    choices = [];
    lists = [];
    library = join(home(), "models");
    mkdirSync(library);
    model = join(library, "coder-F16.gguf");
    writeFileSync(model, Buffer.alloc(1000));
});

const code = {
    files: ["/code/basket/a.py", "/code/basket/b.py"],
    bytes: 9000,
    label: "2 of 3 code files of basket",
};
const common = () => ({
    notify: {} as never,
    library: () =>
        Promise.resolve([
            { path: model, name: "coder-F16", sizeBytes: 1000, origin: "own" as const },
        ]),
    modelsFolder: () => library,
    homeFolder: home(),
    exists: () => Promise.resolve(false),
});
const texts = [
    { path: "/code/basket/a.py", name: "a.py" },
    { path: "/code/basket/b.py", name: "b.py" },
];

describe("Make an Importance Matrix", () => {
    const asked: ImatrixParams[] = [];
    const options = (): ImatrixOptions => ({
        ...common(),
        threads: () => 3,
        askText: async ({ amounts }) => ({ ...code, chunks: amounts[0]?.chunks ?? 0 }),
        work: {
            imatrix: (params) => {
                asked.push(params);
                return Promise.resolve({ file: params.out } as ImatrixResult);
            },
        },
    });

    it("asks for model and text, and writes into the library, without names of the person's files", async () => {
        choices = [/coder-F16/];
        const result = await makeImatrix(options(), {});
        expect(result?.file).toBe(join(library, "coder.imatrix.gguf"));
        expect(asked.pop()).toEqual({
            ...{ model, out: result?.file, overwrite: false, format: "gguf", threads: 3 },
            ...{ texts, datasets: [code.label], chunks: 32 },
        });
    });

    it("asks nothing that is given, and stops when the person does", async () => {
        const given = { path: model, text: ["/x/code.txt"], chunks: 7, out: "/x/m.gguf" };
        await makeImatrix(options(), given);
        expect(asked.pop()).toMatchObject({
            out: "/x/m.gguf",
            chunks: 7,
            texts: [{ path: "/x/code.txt", name: "code.txt" }],
            datasets: ["code.txt"],
        });
        expect(lists).toEqual([]);
        const nothing = { ...options(), askText: () => Promise.resolve(undefined) };
        expect(await makeImatrix(nothing, { path: model })).toBeUndefined();
        expect(asked).toEqual([]);
    });

    it("is a job that another window goes on with", () => {
        const params = { model, texts, out: "/x/m.gguf", format: "gguf" };
        expect(isPendingJob({ id: "1", request: { kind: "imatrix", params } })).toBe(true);
        const bad = { ...params, texts: "a.py" };
        expect(isPendingJob({ id: "1", request: { kind: "imatrix", params: bad } })).toBe(false);
    });
});

const type = (name: string, needsImatrix: boolean) => ({
    ...{ type: name, sizeBytes: 500, bitsPerWeight: 4, nFallback: 0, fallbacks: [] },
    ...{ needsImatrix, recommended: false, memoryBytes: 500, fitsMemory: true },
});
const plan = (imatrix?: string): ConvertPlan => ({
    ...{ name: "coder-F16", architecture: "qwen2", family: "qwen2", sourceBytes: 1000 },
    ...{ nParameters: 0.494e9, warnings: [] },
    types: [type("Q4_K_M", false), type("IQ2_XS", imatrix === undefined)],
});

describe("Quantize a Model", () => {
    const asked: QuantizeParams[] = [];
    const plannedWith: (string | undefined)[] = [];
    const options = (): QuantizeOptions => ({
        ...common(),
        memory: () => ({ ramBytes: 2 ** 34 }),
        jobs: {
            quantizePlan: ({ recipe }: { recipe?: { imatrix?: string } }) => {
                plannedWith.push(recipe?.imatrix);
                return Promise.resolve(plan(recipe?.imatrix));
            },
        } as never,
        work: {
            quantize: (params: QuantizeParams) => {
                asked.push(params);
                return Promise.resolve({ file: params.out });
            },
        } as never,
        askText: async ({ amounts }) => ({ ...code, chunks: amounts[1]?.chunks ?? 0 }),
        makeImatrix: () => Promise.resolve("/made/coder.imatrix.gguf"),
    });
    const row = (list: number, label: RegExp) =>
        lists[list]?.items.find((item) => label.test(item.label));

    it("offers importance matrices of the library, those of the model first, with their texts", async () => {
        const entry = { sums: Float32Array.of(512), counts: Float64Array.of(1024) };
        const entries = new Map([["blk.0.attn_q.weight", entry]]);
        const bytes = imatrixBytes({ entries, datasets: [code.label], chunkTokens: 512 }, "gguf");
        for (const name of ["another.imatrix.gguf", "coder.imatrix.gguf"])
            writeFileSync(join(library, name), bytes);
        writeFileSync(join(library, "old.imatrix.dat"), "?");
        choices = [/^IQ2_XS/, /coder\.imatrix\.gguf/];
        await quantizeModel(options(), { path: model });
        expect(lists[1]?.items.slice(1, 4)).toMatchObject([
            {
                label: "$(symbol-numeric) coder.imatrix.gguf",
                description: `of this model, 2 chunks of ${code.label}`,
            },
            { label: "$(symbol-numeric) another.imatrix.gguf" },
            { label: "$(symbol-numeric) old.imatrix.dat" },
        ]);
        const imatrix = join(library, "coder.imatrix.gguf");
        expect(asked.pop()).toMatchObject({ type: "IQ2_XS", recipe: { imatrix } });
    });

    it("makes one on the way, and shows the sizes with it", async () => {
        plannedWith.length = 0;
        choices = [/Use an Importance Matrix/, /Make an Importance Matrix/, /^IQ2_XS/];
        await quantizeModel(options(), { path: model });
        expect(plannedWith).toEqual([undefined, "/made/coder.imatrix.gguf"]);
        expect(asked.pop()?.recipe).toEqual({ imatrix: "/made/coder.imatrix.gguf" });
    });

    it("offers error feedback with what it costs, and gives the job the text", async () => {
        choices = [/Use Error Feedback/, /^Q4_K_M/];
        await quantizeModel(options(), { path: model });
        expect(row(0, /Error Feedback/)?.detail).toMatch(
            /Takes from (about|less) .* to about .* on this computer, by what other models took$/,
        );
        expect(row(1, /Error Feedback/)).toMatchObject({
            label: `$(check) Error Feedback on ${code.label}`,
            detail: expect.stringMatching(/^Takes about .* without$/) as string,
        });
        expect(asked.pop()?.calibration).toEqual({ texts, datasets: [code.label], chunks: 100 });

        choices = [/Use Error Feedback/, /Error Feedback on/, /^Q4_K_M/];
        await quantizeModel(options(), { path: model });
        expect(asked.pop()?.calibration).toBeUndefined();

        const given = { path: model, type: "Q4_K_M", calibrate: ["/x/code.txt"], chunks: 9 };
        await quantizeModel(options(), given);
        expect(asked.pop()?.calibration).toMatchObject({ datasets: ["code.txt"], chunks: 9 });
    });
});

describe("what error feedback takes", () => {
    it("is what was measured of two models on one core, shared by all cores", () => {
        expect(feedbackSeconds(5.3e6, 200, 1) / 50).toBeCloseTo(1.2, 0);
        expect(feedbackSeconds(0.494e9, 24, 1) / (22 * 60)).toBeCloseTo(1, 1);
        expect(feedbackSeconds(0.494e9, 24, 4)).toBe(feedbackSeconds(0.494e9, 24, 1) / 4);
    });
});

describe("Compare Quantizations", () => {
    const made: string[] = [];
    /** Importance matrices of other models. */
    let foreign: string[] = [];
    beforeEach(() => (foreign = []));
    const options = () => ({
        ...common(),
        memory: () => ({ ramBytes: 2 ** 34 }),
        jobs: {
            quantizePlan: ({ recipe }: { recipe?: { imatrix?: string } }) =>
                foreign.includes(recipe?.imatrix ?? "")
                    ? Promise.reject(
                          new AppError(
                              "data/unsupported",
                              "theirs.gguf has 7 values for x; choose the importance matrix of this very model",
                          ),
                      )
                    : Promise.resolve(plan(recipe?.imatrix)),
        } as never,
        makeImatrix: (file: string) => {
            made.push(file);
            return Promise.resolve("/made/coder.imatrix.gguf");
        },
    });
    const pick = (imatrix?: string) => pickTypes(options(), model, imatrix, home());

    it("makes an importance matrix where the types are chosen, when it is ticked", async () => {
        choices = [[/^Q4_K_M/, /Use an importance matrix/], /Make an Importance Matrix/];
        expect(await pick()).toEqual({
            ...{ files: [model], types: ["Q4_K_M"], imatrix: "/made/coder.imatrix.gguf" },
            ...{ keep: false, infill: false },
        });
        expect(made).toEqual([model]);
        choices = [[/^Q4_K_M/]];
        expect((await pick())?.imatrix).toBeUndefined();
    });

    it("asks for one that a ticked type needs; back at the types, they are ticked as before", async () => {
        choices = [[/^IQ2_XS/, /Keep the files/], /Choose Another Type/, [/^Q4_K_M/]];
        expect((await pick())?.types).toEqual(["Q4_K_M"]);
        expect(lists[0]?.ticked).toEqual(["Q4_K_M"]);
        expect(lists[1]?.title).toBe("Importance Matrix for IQ2_XS");
        expect(lists[2]?.ticked).toEqual(["IQ2_XS", "$(save) Keep the files that are made"]);
    });

    it("takes one that was given, and does without when it is unticked", async () => {
        choices = [[/^IQ2_XS/, /given\.imatrix/]];
        expect((await pick("/x/given.imatrix.gguf"))?.imatrix).toBe("/x/given.imatrix.gguf");
        expect(lists[0]?.ticked).toEqual(["Q4_K_M", "$(symbol-numeric) given.imatrix.gguf"]);
        choices = [[/^Q4_K_M/]];
        const choice = await pick("/x/given.imatrix.gguf");
        expect(choice).toMatchObject({ types: ["Q4_K_M"], imatrix: undefined });
    });

    it("asks for a size to fit to, and comes back to the types when there is none", async () => {
        sizes = ["300MB"];
        choices = [[/^Q4_K_M/, /Fit to a Size/]];
        expect((await pick())?.types).toEqual(["Q4_K_M", "fit:300MB"]);
        choices = [[/Fit to a Size/], [/^Q4_K_M/]];
        expect((await pick())?.types).toEqual(["Q4_K_M"]);
        expect(lists.at(-1)?.ticked).toEqual(["$(dashboard) Fit to a Size..."]);
        sizes = ["4.5"];
        choices = [[/Fit to a Size/]];
        expect((await pick())?.types).toEqual(["bpw:4.5"]);
    });

    it("asks for another one when it is unticked and a type needs one", async () => {
        choices = [[/^IQ2_XS/], /Make an Importance Matrix/];
        const choice = await pick("/x/given.imatrix.gguf");
        expect(lists[1]?.title).toBe("Importance Matrix for IQ2_XS");
        expect(choice?.imatrix).toBe("/made/coder.imatrix.gguf");
    });

    it("says in the list why an importance matrix of another model is not taken", async () => {
        const why =
            "theirs.gguf has 7 values for x; choose the importance matrix of this very model";
        foreign = ["/made/coder.imatrix.gguf", "/x/theirs.gguf"];
        choices = [[/^Q4_K_M/, /Use an importance matrix/], /Make an Importance/, [/^Q4_K_M/]];
        expect((await pick("/x/theirs.gguf"))?.imatrix).toBeUndefined();
        for (const list of [lists[0], lists[2]]) {
            expect(list?.placeholder).toBe(why);
            const row = list?.items.find(({ label }) => /Use an importance matrix/.test(label));
            expect(row?.detail).toBe(`$(warning) ${why}`);
            expect(list?.ticked).toEqual(["Q4_K_M"]);
        }
    });
});

describe("Convert a Model", () => {
    const asked: ConvertParams[] = [];
    const options = (): ConvertOptions => ({
        ...common(),
        memory: () => ({ ramBytes: 2 ** 34 }),
        hub: () => Promise.resolve({ endpoint: "https://hub", homeFolder: home() }),
        access: {} as never,
        jobs: {
            plan: () => {
                const { types, ...rest } = plan();
                return Promise.resolve({
                    ...rest,
                    types: [...types, { ...type("BF16", false), sizeBytes: 988e6 }],
                });
            },
        } as never,
        work: {
            convert: (params: ConvertParams) => {
                asked.push(params);
                return Promise.resolve({ file: params.out });
            },
        } as never,
        askText: async ({ amounts }) => ({ ...code, chunks: amounts[1]?.chunks ?? 0 }),
    });

    it("offers error feedback with time and disk that it takes, and gives the job the text", async () => {
        choices = [/Use Error Feedback/, /^Q4_K_M/];
        await convertModel(options(), { source: home() });
        const detail = lists[0]?.items.find(({ label }) => /Error Feedback/.test(label))?.detail;
        expect(detail).toMatch(/as measured.* by what other models took, and 988 MB of disk/);
        const { calibration, type: made } = asked.pop() ?? {};
        expect(made).toBe("Q4_K_M");
        expect(calibration).toEqual({ texts, datasets: [code.label], chunks: 100 });
    });

    it("takes a text as an argument, and needs none", async () => {
        const given = { source: home(), type: "Q4_K_M" };
        await convertModel(options(), { ...given, calibrate: ["/x/code.txt"], chunks: 3 });
        expect(asked.pop()?.calibration).toMatchObject({ datasets: ["code.txt"], chunks: 3 });
        await convertModel(options(), given);
        expect(asked.pop()).not.toHaveProperty("calibration");
        expect(lists).toEqual([]);
    });
});
