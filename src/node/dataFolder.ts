/** Where Ingot keeps models, caches and records: `$INGOT_HOME`, else `~/.ingot`. */

import { homedir } from "node:os";
import { join, resolve } from "node:path";

export function dataFolder(): string {
    const override = process.env["INGOT_HOME"];
    return override ? resolve(override) : join(homedir(), ".ingot");
}
