/**
 * What is not loaded with the window but at first use: three parts, each a file of its own in the package. Everything that VS Code must
 * know of them from the start is in `doors.ts`; `esbuild.js` fails when something of them gets into the start.
 */

import type { Disposable } from "../base/lifecycle";
import { Lazy } from "./lazy";
import type { Assistant } from "./parts/assistant";
import type { Help, HelpOptions } from "./parts/help";
import type { Library } from "./parts/library";

export class Parts implements Disposable {
    readonly assistant: Lazy<Assistant>;
    readonly library: Lazy<Library>;
    readonly help: Lazy<Help>;

    constructor(given: HelpOptions) {
        const { core } = given;
        const part = <T extends Disposable>(name: string, what: string, load: () => Promise<T>) =>
            new Lazy(what, async () => {
                const beginMs = performance.now();
                const made = await load();
                core.log.info("loaded", { name, ms: Math.round(performance.now() - beginMs) });
                return made;
            });
        this.assistant = part("assistant", "Ingot's chat and edits", async () => {
            const { Assistant } = await import("./parts/assistant");
            return new Assistant(core);
        });
        this.library = part("library", "Ingot's list of models", async () => {
            const { Library } = await import("./parts/library");
            return new Library(core);
        });
        this.help = part("help", "This part of Ingot", async () => {
            const { Help } = await import("./parts/help");
            return new Help(given);
        });
    }

    /** Names of those that were loaded. */
    get loaded(): string[] {
        const { assistant, library, help } = this;
        return Object.entries({ assistant, library, help })
            .filter(([, part]) => part.loaded !== undefined)
            .map(([name]) => name);
    }

    dispose(): void {
        this.help.dispose();
        this.assistant.dispose();
        this.library.dispose();
    }
}
