// The remembered order of prompts: whatever stands in the file, completions go on.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLog } from "../../../src/base/log";
import { Layouts } from "../../../src/engine/layouts";
import type { LoadedModel } from "../../../src/engine/loadedModel";

let home: string;
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "ingot-layouts-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const model = (fingerprint: string) => ({ fingerprint }) as LoadedModel;

it.each([
    [{ version: 1, verdicts: { m: { layout: "psm" } } }, "psm"],
    [{ version: 0, verdicts: { m: { layout: "psm" } } }, "append"],
    [{ version: 1, verdicts: { m: { layout: "other" } } }, "append"],
    [{ version: 1, verdicts: { m: null } }, "append"],
    [{ version: 1, verdicts: null }, "append"],
    [{ version: 1, verdicts: { other: null, m: { layout: "psm" } } }, "psm"],
    [null, "append"],
    [[], "append"],
])("of %j the order is %s", (memory, layout) => {
    const file = join(home, "layouts.json");
    writeFileSync(file, JSON.stringify(memory));
    expect(new Layouts(file, silentLog).of(model("m"))).toBe(layout);
});
