// `npm run bench -- NAME [options]`: runs one benchmark of this folder. Each prints its figures; --json FILE writes them, too.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(here)
    .filter((file) => file.endsWith(".mjs") && file !== "main.mjs")
    .map((file) => file.slice(0, -".mjs".length));
const [name, ...rest] = process.argv.slice(2);
if (!name || !names.includes(name)) {
    console.error(`usage: npm run bench -- NAME [options]; NAME is one of: ${names.join(", ")}`);
    process.exit(2);
}
const run = spawnSync(process.execPath, [join(here, `${name}.mjs`), ...rest], { stdio: "inherit" });
process.exit(run.status ?? 1);
