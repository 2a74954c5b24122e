/** The indexer child: what a workspace's files say, for searching. Never in a hurry: everything else on the computer goes first. */

import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLog } from "../base/log";
import { FileGrammars } from "../node/grammars";
import { connectParent } from "../node/parent";
import type { IndexerClientSide, IndexerSide } from "../protocol/codebase";
import { TreeSyntax } from "../syntax/syntax";
import { Indexer } from "./indexer";

/** Between two slices of a parse a search is answered. */
const PARSE_MS = 30;

const log = createLog("indexer", (entry) => channel.notify("log", entry));
try {
    setPriority(constants.priority.PRIORITY_LOW);
} catch {
    // Where that is not allowed it runs as it is.
}
const outliner = new TreeSyntax(
    new FileGrammars(join(fileURLToPath(new URL(".", import.meta.url)), "syntax"), log),
    { log, budgetMs: PARSE_MS, now: () => performance.now(), later: setImmediate },
);
const indexer = new Indexer({ build: __BUILD__, outliner, log });
const channel = connectParent<IndexerSide, IndexerClientSide>({
    build: __BUILD__,
    handlers: {
        "index/open": ({ folder }) => indexer.open(folder),
        "index/sync": ({ files }, work) => indexer.sync(files, work),
        "index/update": ({ files, removed }, { signal }) =>
            indexer.update(files, removed, { signal }),
        "index/search": ({ question, limit, meaning }) => indexer.search(question, limit, meaning),
        "vectors/missing": ({ limit, ...space }) => indexer.missing(space, limit),
        "vectors/put": ({ key, hashes, vectors }) => indexer.put(key, hashes, vectors),
        "index/save": () => indexer.save(),
    },
    listeners: {},
    onFault: (error) => log.error("listener failed", { error: String(error) }),
    onGone: () => indexer.save(),
});
