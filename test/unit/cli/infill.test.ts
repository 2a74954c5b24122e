// How scores of holes are told: with their errors where there are enough holes to know them.
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import type { CliContext } from "../../../src/cli/context";
import { noProgress } from "../../../src/cli/output";
import { scoreOf } from "../../../src/lab/infill/score";
import { temporaryFolder } from "../../support/temporaryFolder";

let nHoles = 0;
vi.mock("../../../src/cli/worker", () => ({
    askWorker: () => {
        const filled = Array.from({ length: nHoles }, (_, i) => ({
            kind: "line" as const,
            isExact: i % 2 === 0,
            similarity: i % 2 === 0 ? 1 : 0.5,
        }));
        const score = scoreOf(filled);
        const kinds = [{ kind: "line", ...score }];
        return Promise.resolve({
            ...score,
            kinds,
            nFiles: 1,
            family: "f",
            layout: "psm",
            seconds: 1,
        });
    },
}));
const { infill } = await import("../../../src/cli/infill");

const home = temporaryFolder("infill-cli");
async function told(n: number): Promise<string> {
    nHoles = n;
    let text = "";
    await infill.run({
        args: ["m", "--text", join(home(), "a.py")],
        out: (part: string) => (text += part),
        progress: noProgress,
    } as unknown as CliContext);
    return text;
}

it("ingot infill says no error where there are too few holes to know it", async () => {
    const few = await told(10);
    expect(few).toMatch(/^all +10 +5 +50\.0 % +75\.0 %$/m);
    expect(few).not.toContain("±");
    expect(await told(12)).toMatch(/^all +12 +6 +50\.0 ± 15\.1 % +75\.0 ± 7\.5 %$/m);
});
