/** Activate and deactivate, nothing else. `src/host/app.ts` is where the parts meet. */

import type { ExtensionContext } from "vscode";
import { App, type IngotApi } from "./host/app";

let app: App | undefined;

/** Returns a small surface for tests. */
export function activate(context: ExtensionContext): IngotApi {
    const startMs = performance.now();
    app = new App(context);
    app.activated(performance.now() - startMs);
    return app.api;
}

/** The host waits a few seconds for it: the engine child is gone afterwards. */
export async function deactivate(): Promise<void> {
    await app?.dispose();
    app = undefined;
}
