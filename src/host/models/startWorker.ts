/** Starts a worker child with the editor's proxy. */

import { workspace, type ExtensionContext } from "vscode";
import { startChild } from "../../node/child";
import type { WorkerClientSide, WorkerSide } from "../../protocol/worker";
import type { Logging } from "../logging";
import { proxyEnvironment } from "./hubAccess";
import type { WorkerPort } from "./workers";

export function startWorker(context: ExtensionContext, logging: Logging): WorkerPort {
    const http = workspace.getConfiguration("http");
    const child = startChild<WorkerClientSide, WorkerSide>({
        name: "worker",
        env: proxyEnvironment(process.env, http.get("proxy"), http.get("noProxy")),
        entry: context.asAbsolutePath("dist/worker.mjs"),
        build: __BUILD__,
        handlers: {},
        listeners: { log: (entry) => logging.write(entry) },
        onOutput: (line) => logging.log.debug("worker output", { line }),
    });
    return {
        request: (method, params, options) => child.channel.request(method, params, options),
        dispose: () => void child.dispose(),
    };
}
