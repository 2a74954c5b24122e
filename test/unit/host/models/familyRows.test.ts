/** "Convert as...": asked only when the architecture has no rules, and then once. */

import { describe, expect, it, vi } from "vitest";
import { AppError } from "../../../../src/base/errors";
import { familyRow, withFamily } from "../../../../src/host/models/familyRows";
import { rejection } from "../../../support/failure";

const unknown = () => new AppError("data/architecture", "no rules");
const choice = { id: "llama", title: "Llama 1 to 3", nUnplaced: 0, nTensors: 12 };

describe("withFamily", () => {
    it("asks nothing when the work is done without", async () => {
        const choose = vi.fn();
        expect(await withFamily(async (family) => family ?? "own", choose)).toBe("own");
        expect(choose).not.toHaveBeenCalled();
    });

    it("runs again with the chosen family", async () => {
        const work = vi.fn(async (family: string | undefined) => {
            if (family === undefined) throw unknown();
            return `as ${family}`;
        });
        expect(await withFamily(work, async () => "llama")).toBe("as llama");
        expect(work.mock.calls).toEqual([[undefined], ["llama"]]);
    });

    it("stops when nothing was chosen", async () => {
        const work = vi.fn(() => Promise.reject(unknown()));
        expect(await withFamily(work, async () => undefined)).toBeUndefined();
        expect(work).toHaveBeenCalledTimes(1);
    });

    it("passes other refusals on, and those of the chosen family", async () => {
        const choose = vi.fn(async () => "gpt2");
        const fail = (code: "data/unsupported" | "data/architecture") => () =>
            Promise.reject(new AppError(code, code));
        expect(await rejection(withFamily(fail("data/unsupported"), choose))).toMatchObject({
            code: "data/unsupported",
        });
        expect(choose).not.toHaveBeenCalled();
        expect(await rejection(withFamily(fail("data/architecture"), choose))).toMatchObject({
            code: "data/architecture",
        });
        expect(choose).toHaveBeenCalledTimes(1);
    });
});

it("a family's row says whether the tensors fit", () => {
    expect(familyRow(choice)).toMatchObject({
        label: "llama",
        value: "llama",
        detail: "Has a place for every tensor",
    });
    expect(familyRow({ ...choice, nUnplaced: 3 }).detail).toMatch(/no place for 3 of 12 tensors/);
});
