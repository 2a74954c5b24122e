/** Grammars for one command: whoever calls waits for a whole tree, so that the same question gets the same answer. */

import { join } from "node:path";
import { silentLog } from "../base/log";
import { FileGrammars } from "../node/grammars";
import { TreeSyntax } from "../syntax/syntax";
import type { CliContext } from "./context";

export function cliSyntax({ bundles }: CliContext): TreeSyntax {
    const log = silentLog;
    return new TreeSyntax(new FileGrammars(join(bundles, "syntax"), log), {
        log,
        budgetMs: Infinity,
        now: () => performance.now(),
        later: setImmediate,
    });
}
