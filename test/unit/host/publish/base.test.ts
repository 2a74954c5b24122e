// `Ingot: Publish...` asks for the base model where the files leave it open, and nowhere else.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../../src/base/errors";
import type { PublishOptions } from "../../../../src/host/publish/publish";
import type { PublishPlan, PublishPlanParams } from "../../../../src/protocol/publish";

interface Box {
    title: string;
    prompt: string;
    value: string;
}
type Shown = Box & { validateInput: (text: string) => unknown };

/** What the person types into each box that comes up; undefined: Escape. */
let typed: (string | undefined)[] = [];
let boxes: (Box & { problem: unknown })[] = [];
vi.mock("vscode", () => ({
    ThemeIcon: class {},
    ProgressLocation: { Notification: 15 },
    window: {
        withProgress: (_: unknown, work: (...args: unknown[]) => unknown) =>
            work(
                { report: () => undefined },
                { onCancellationRequested: () => ({ dispose: () => undefined }) },
            ),
        showInputBox: ({ validateInput, ...box }: Shown) => {
            boxes.push({ ...box, problem: validateInput(box.value) });
            return Promise.resolve(typed.shift());
        },
    },
}));
vi.mock("../../../../src/host/publish/cardFile", () => ({ openCard: () => Promise.resolve({}) }));
const { publishModels } = await import("../../../../src/host/publish/publish");

let asked: PublishPlanParams[] = [];
let shown: { plan: PublishPlan; choice: unknown } | undefined;

function options(named: string[]): PublishOptions {
    const publishPlan = (params: PublishPlanParams) => {
        asked.push(params);
        const { baseModel, repo } = params;
        if (baseModel === "a/--b")
            return Promise.reject(new AppError("user/usage", "a/--b is not a Hub repository"));
        return Promise.resolve({
            repo: repo ?? `me/${baseModel?.split("/")[1] ?? "Tea"}-GGUF`,
            exists: false,
            baseModels: baseModel === undefined ? named : [baseModel],
            isBaseOpen: baseModel === undefined,
        });
    };
    return {
        jobs: { publishPlan },
        hub: () => Promise.resolve({ endpoint: "https://hub.example", token: "t" }),
        access: {},
        cardsFolder: () => "",
        pages: {
            open: (page: typeof shown) => {
                shown = page;
                return Promise.resolve(undefined);
            },
        },
    } as unknown as PublishOptions;
}

const given = { files: ["/m/a.gguf"], table: null, private: true };

beforeEach(() => {
    [typed, boxes, asked, shown] = [[], [], [], undefined];
});

describe("the base model", () => {
    it("is asked for until it is taken, and names the repository and the command", async () => {
        typed = ["a/--b", "tiny/Coder", "me/Coder-GGUF"];
        await publishModels(options([]), given);
        expect(boxes.map(({ title }) => title.replace(/ on .*/, ""))).toEqual([
            "Publish: Base Model",
            "Publish: Base Model",
            "Publish (2/3): Repository",
        ]);
        expect(boxes[0]?.prompt).toContain("do not say which model was quantized");
        expect(boxes[1]).toMatchObject({
            value: "a/--b",
            problem: "a/--b is not a Hub repository",
        });
        expect(boxes[2]?.value).toBe("me/Coder-GGUF");
        expect(shown).toMatchObject({
            plan: { baseModels: ["tiny/Coder"] },
            choice: { baseModel: "tiny/Coder" },
        });
    });

    it("stays as the files say when the person has nothing to add", async () => {
        typed = ["", "me/Tea-GGUF"];
        await publishModels(options(["tiny/Base"]), given);
        expect(boxes[0]?.prompt).toContain("The files name tiny/Base");
        expect(asked).toHaveLength(1);
        expect(shown?.plan.baseModels).toEqual(["tiny/Base"]);
    });

    it("ends it all with Escape", async () => {
        typed = [undefined];
        expect(await publishModels(options([]), given)).toBeUndefined();
        expect(boxes).toHaveLength(1);
        expect(shown).toBeUndefined();
    });

    it.each(["tiny/Coder", null])("is not asked for when it is given as %j", async (baseModel) => {
        await publishModels(options([]), { ...given, baseModel, repo: "me/Tea-GGUF" });
        expect(boxes).toEqual([]);
        expect(asked[0]?.baseModel).toBe(baseModel ?? undefined);
        expect(shown).toBeDefined();
    });
});
