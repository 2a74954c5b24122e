/** Reviews on disk: one window after the other reads what the one before it wrote. */

import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { silentLog } from "../../../../src/base/log";
import { diffLines } from "../../../../src/edit/lines";
import { rowsOf } from "../../../../src/edit/review";
import { savedReview } from "../../../../src/edit/savedReview";
import { SavedReviews } from "../../../../src/host/edit/savedReviews";
import { temporaryFolder } from "../../../support/temporaryFolder";

const URI = "file:///a.ts";
const ROWS = rowsOf(["a", "b"], diffLines(["a", "b"], ["a", "B"]));
const root = temporaryFolder("reviews");
const folder = () => join(root(), "reviews");
const open = (now = Date.now) => new SavedReviews({ folder: folder(), log: silentLog, now });
const files = () => readdirSync(folder());

it("are there for the next window, and until then in memory", async () => {
    const first = open();
    first.put(URI, ROWS);
    expect(await first.read(URI)).toEqual(savedReview(ROWS));
    await first.flush();
    expect(files()).toHaveLength(1);
    expect(statSync(join(folder(), files()[0] ?? "")).mode & 0o077).toBe(0);
    expect(await open().read(URI)).toEqual(savedReview(ROWS));
    expect(await open().read("file:///b.ts")).toBeUndefined();
});

it("are gone when they are forgotten, also before they were written", async () => {
    const first = open();
    first.put(URI, ROWS);
    first.forget(URI);
    expect(await first.read(URI)).toBeUndefined();
    first.put("file:///b.ts", ROWS);
    await first.flush();
    expect(files()).toHaveLength(1);
    const second = open();
    second.forget("file:///b.ts");
    await second.flush();
    expect(files()).toEqual([]);
    await second.flush();
});

it("are not read from a damaged file, nor from one of another document", async () => {
    const first = open();
    first.put(URI, ROWS);
    await first.flush();
    const file = join(folder(), files()[0] ?? "");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.slice(0, -4));
    expect(await open().read(URI)).toBeUndefined();
    writeFileSync(file, text.replace(URI, "file:///c.ts"));
    expect(await open().read(URI)).toBeUndefined();
});

it("are removed when nobody has come back for a month, and so is what a crash has left", async () => {
    const first = open();
    first.put(URI, ROWS);
    await first.flush();
    const file = join(folder(), files()[0] ?? "");
    const part = `${file}.1.part`;
    writeFileSync(part, "{");
    const days = (n: number) => new Date(Date.now() - n * 24 * 60 * 60 * 1000);
    utimesSync(file, days(29), days(29));
    utimesSync(part, days(31), days(31));
    expect(await open().read(URI)).toEqual(savedReview(ROWS));
    expect(files()).toHaveLength(1);
    utimesSync(file, days(31), days(31));
    expect(await open().read(URI)).toBeUndefined();
    expect(files()).toEqual([]);
});

it("that cannot be written are done without", async () => {
    writeFileSync(folder(), "a file where the folder should be");
    const first = open();
    first.put(URI, ROWS);
    await first.flush();
    expect(await first.read(URI)).toBeUndefined();
});
