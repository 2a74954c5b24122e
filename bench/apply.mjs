// `npm run bench -- apply [--set cases|heldOut] [--show]`: code of answers that is neither a symbol nor a piece with both ends of what it
// replaces: how often Apply (src/edit/apply.ts) puts it into the right place. Symbols by indentation; no model takes part.
import { parseArgs } from "node:util";
import { plain } from "./apply/set.mjs";
import { loadModules } from "./support/modules.mjs";

const { values } = parseArgs({
    options: {
        set: { type: "string", default: "cases" },
        show: { type: "boolean", default: false },
    },
});
const { CASES } = await import(`./apply/${values.set}.mjs`);
const { applyCode, partsByIndentation } = await loadModules(["edit/apply", "edit/outline"]);

const share = (list, what) => `${list.filter(what).length} of ${list.length}`;
const rows = CASES.map(({ path, lines, cursor, code, wanted, isReplace }) => {
    const parts = partsByIndentation(lines);
    const target = { lines, languageId: "", cursor, parts, unit: "    " };
    const applied = applyCode(target, { text: code, parts: partsByIndentation(code.split("\n")) });
    const how = applied.kind === "change" ? applied.how : applied.kind;
    const isRight = applied.kind === "change" && wanted.includes(plain(applied.lines));
    if (values.show) console.log(isRight ? "right" : "wrong", how, path, JSON.stringify(code));
    return { how, isRight, isReplace };
});
for (const how of ["piece", "cursor", "refused"])
    console.log(
        `${how}: right ${share(
            rows.filter((row) => row.how === how),
            ({ isRight }) => isRight,
        )}`,
    );
console.log(`right: ${share(rows, ({ isRight }) => isRight)}`);
