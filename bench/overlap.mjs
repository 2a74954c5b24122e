// `npm run bench -- overlap --checkpoint DIR`: whether download and quantization of a conversion run at the same time. A Hub on loopback
// (test/support/fakeHub.mjs) serves the checkpoint at a fixed rate; measured in turn: the download alone (`ingot models fetch`), the
// conversion alone (from the folder), the conversion straight from the Hub. `ratio`: the last to the slower of the first two.
//   --type T (Q4_K_M)  --threads N  --runs N (3)  --json FILE
//   --rate BYTES a second (default: the download takes as long as the conversion alone, measured once before)
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startFakeHub } from "../test/support/fakeHub.mjs";
import { measure, median, round } from "./support/measure.mjs";

const { values } = parseArgs({
    options: {
        checkpoint: { type: "string" },
        type: { type: "string", default: "Q4_K_M" },
        threads: { type: "string", default: `${cpus().length}` },
        runs: { type: "string", default: "3" },
        rate: { type: "string" },
        json: { type: "string" },
    },
});
if (!values.checkpoint) {
    console.error("usage: npm run bench -- overlap --checkpoint DIR [--type T] [--rate BYTES]");
    process.exit(2);
}
const checkpoint = resolve(values.checkpoint);
const REPO = "ingot/bench";
const cli = fileURLToPath(new URL("../dist/cli.mjs", import.meta.url));
const temp = mkdtempSync(join(tmpdir(), "ingot-bench-overlap-"));
process.on("exit", () => rmSync(temp, { recursive: true, force: true }));
const bytes = readdirSync(checkpoint).reduce(
    (sum, file) => sum + statSync(join(checkpoint, file)).size,
    0,
);
const hub = await startFakeHub({ repos: { [REPO]: checkpoint } });

/** With an empty Hub cache, so that everything comes over the line. */
async function ingot(...args) {
    const cache = join(temp, "cache");
    rmSync(cache, { recursive: true, force: true });
    const before = hub.sentBytes;
    const run = await measure(process.execPath, [cli, ...args], {
        HF_ENDPOINT: hub.url,
        HF_HOME: cache,
        HF_HUB_CACHE: join(cache, "hub"),
    });
    return { ...run, sentBytes: hub.sentBytes - before };
}

const convert = (source) =>
    ingot(
        ...["convert", source, "--type", values.type, "--threads", values.threads],
        ...["--overwrite", "--out", join(temp, "out.gguf")],
    );

if (values.rate) hub.faults.bytesPerSecond = Number(values.rate);
else hub.faults.bytesPerSecond = Math.round(bytes / (await convert(checkpoint)).seconds);
const pairs = [];
for (let i = 0; i < Number(values.runs); i++) {
    const load = round(loadavg()[0]);
    const download = await ingot("models", "fetch", REPO);
    const folder = await convert(checkpoint);
    const both = await convert(REPO);
    const slower = Math.max(download.seconds, folder.seconds);
    pairs.push({ load, download, folder, both, ratio: both.seconds / slower });
}
await hub.close();
const column = (name, key) => pairs.map((pair) => round(pair[name][key]));
const result = {
    checkpoint: basename(checkpoint),
    type: values.type,
    threads: Number(values.threads),
    bytes,
    bytesPerSecond: hub.faults.bytesPerSecond,
    loads: pairs.map(({ load }) => load),
    downloadSeconds: column("download", "seconds"),
    folderSeconds: column("folder", "seconds"),
    hubSeconds: column("both", "seconds"),
    hubCpuSeconds: column("both", "cpuSeconds"),
    hubAnonymousBytes: Math.max(...column("both", "anonymousBytes")),
    /** More than the checkpoint: something was asked for twice. */
    hubSentBytes: Math.max(...column("both", "sentBytes")),
    ratios: pairs.map(({ ratio }) => round(ratio)),
    ratio: round(median(pairs.map(({ ratio }) => ratio))),
};
const text = JSON.stringify(result, undefined, 2);
console.log(text);
if (values.json) writeFileSync(values.json, `${text}\n`);
