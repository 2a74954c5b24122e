// A part that is loaded at first use: once for all who ask, again after a failure, and never into a window that has ended.
import { describe, expect, it, vi } from "vitest";
import { AppError } from "../../../src/base/errors";
import { Lazy } from "../../../src/host/lazy";
import { rejection } from "../../support/failure";

function part() {
    return { dispose: vi.fn() };
}

describe("a part that is loaded at first use", () => {
    it("is loaded when somebody asks, and once for all who do", async () => {
        const made = part();
        const load = vi.fn(() => Promise.resolve(made));
        const lazy = new Lazy("The part", load);
        expect(load).not.toHaveBeenCalled();
        expect(lazy.loaded).toBeUndefined();
        const [first, second] = await Promise.all([lazy.get(), lazy.get()]);
        expect([first, second, await lazy.get(), lazy.loaded]).toEqual([made, made, made, made]);
        expect(load).toHaveBeenCalledTimes(1);
    });

    it("says what could not be loaded, to all who waited, and tries again", async () => {
        const made = part();
        const load = vi
            .fn<() => Promise<typeof made>>()
            .mockRejectedValueOnce(new Error("no such file: assistant.js"))
            .mockResolvedValueOnce(made);
        const lazy = new Lazy("The part", load);
        const failures = await Promise.all([rejection(lazy.get()), rejection(lazy.get())]);
        for (const failure of failures) {
            expect(failure).toBeInstanceOf(AppError);
            expect(failure.message).toMatch(/^The part could not be loaded; reload the window/);
            expect(failure.detail).toContain("no such file");
        }
        expect(lazy.loaded).toBeUndefined();
        expect(await lazy.get()).toBe(made);
        expect(load).toHaveBeenCalledTimes(2);
    });

    it("is disposed with the window, also when it comes after its end", async () => {
        const early = part();
        const loaded = new Lazy("The part", () => Promise.resolve(early));
        await loaded.get();
        loaded.dispose();
        expect(early.dispose).toHaveBeenCalledTimes(1);

        const late = part();
        const pending = new Lazy("The part", () => Promise.resolve(late));
        const waiting = rejection(pending.get());
        pending.dispose();
        expect((await waiting).code).toBe("cancelled");
        expect(late.dispose).toHaveBeenCalledTimes(1);
        expect(pending.loaded).toBeUndefined();

        const load = vi.fn(() => Promise.resolve(part()));
        const never = new Lazy("The part", load);
        never.dispose();
        expect((await rejection(never.get())).code).toBe("cancelled");
        expect(load).not.toHaveBeenCalled();
    });
});
