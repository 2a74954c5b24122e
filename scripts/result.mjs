// The closing line of every suite, and the floors: how many tests each suite had when somebody last looked. Fewer tests than
// that are a failure, because a runner that finds nothing is green too.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const floorsFile = fileURLToPath(new URL("floors.json", import.meta.url));

/** @returns {Record<string, number>} */
export function readFloors() {
    return JSON.parse(readFileSync(floorsFile, "utf8"));
}

/** @param {Record<string, number>} floors */
export function writeFloors(floors) {
    writeFileSync(floorsFile, `${JSON.stringify(floors, undefined, 4)}\n`);
}

/**
 * @param {string} suite @param {number} nFound
 * @returns {string | undefined} A sentence when there are fewer tests than recorded.
 */
export function belowFloor(suite, nFound) {
    const floor = readFloors()[suite] ?? 1;
    if (nFound >= floor) return undefined;
    return `Suite ${suite} found ${nFound} tests, its floor is ${floor} (scripts/floors.json).`;
}

/**
 * Prints the closing line of one suite and sets the exit code.
 * @param {string | undefined} suite Undefined: only some of the tests were asked for, so no floor holds.
 * @param {number} passed @param {number} failed
 */
export function finish(suite, passed, failed) {
    const missing = suite && belowFloor(suite, passed + failed);
    if (missing) console.log(missing);
    const nFailed = failed + (missing ? 1 : 0);
    console.log(`${passed} passed, ${nFailed} failed`);
    process.exitCode = nFailed > 0 ? 1 : 0;
}
