// How the figures of a text are told: with their errors where there are enough tokens to know them.
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import type { CliContext } from "../../../src/cli/context";
import { noProgress } from "../../../src/cli/output";
import { comparisonOf, perplexityOf } from "../../../src/lab/scores/statistics";
import { temporaryFolder } from "../../support/temporaryFolder";

let nScored = 0;
vi.mock("../../../src/cli/worker", () => ({
    askWorker: (_: unknown, method: string) => {
        const nll = Float64Array.from({ length: nScored }, (_unused, i) => i % 3);
        const same = {
            kld: nll,
            pDiff: new Float32Array(nScored),
            sameTop: new Uint8Array(nScored),
        };
        const figures =
            method === "lab/perplexity"
                ? { perplexity: perplexityOf(nll), nScored }
                : comparisonOf({ nll, nllBase: nll, ...same });
        return Promise.resolve({ ...figures, nChunks: 1, nTokens: 2 * nScored, seconds: 1 });
    },
}));
const { perplexity } = await import("../../../src/cli/perplexity");

const home = temporaryFolder("perplexity-cli");
async function told(n: number, ...args: string[]): Promise<string> {
    nScored = n;
    let text = "";
    await perplexity.run({
        args: ["m", "--text", join(home(), "a.py"), ...args],
        out: (part: string) => (text += part),
        progress: noProgress,
    } as unknown as CliContext);
    return text;
}

it("ingot perplexity says no error where there are too few tokens to know it", async () => {
    expect(await told(9)).toMatch(/^PPL = 2\.7183$/m);
    expect(await told(12)).toMatch(/^PPL = 2\.7183 ± 0\.\d+$/m);
    const few = await told(9, "--reference", "r");
    expect(few).not.toMatch(/±|NaN|null/);
    expect(few).toMatch(/^Cor\(.*\) +-$/m);
    expect(few).toMatch(/^Mean Δp +0\.000 %$/m);
    expect(await told(12, "--reference", "r")).toMatch(/^Cor\(.*\) +100\.00 %$/m);
});
