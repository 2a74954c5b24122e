/** Loaded at first use: what people do about Ingot itself. The action list, switches, why no suggestion, report, log, settings. */

import { setUpAgent } from "../agent/setUp";
import type { CommandsOf } from "../commands";
import type { Completions } from "../completion/completions";
import { modeCommands } from "../completion/modeCommands";
import type { Core } from "../core";
import { debugCommands } from "../debug/commands";
import { Inspector } from "../debug/inspector";
import type { Disposable } from "../../base/lifecycle";
import { COMMAND } from "../manifest";
import type { StatusText } from "../status";
import { windowCommands } from "../windowCommands";

export interface HelpOptions {
    core: Core;
    completions: Completions;
    status: () => StatusText;
}

export class Help implements Disposable {
    readonly commands: CommandsOf<"help">;
    private readonly inspector: Inspector;

    constructor({ core, completions: { session }, status }: HelpOptions) {
        const { context, engine, settings, modes, logging, notify, documents, state } = core;
        const { id } = context.extension;
        const { version } = context.extension.packageJSON as { version: string };
        this.inspector = new Inspector({
            extensionUri: context.extensionUri,
            session,
            engine,
            modes,
        });
        this.commands = {
            [COMMAND.setUpAgent]: () => setUpAgent(),
            ...windowCommands({ engine, settings, status, extensionId: id }),
            ...modeCommands(modes, settings),
            ...debugCommands({
                session,
                engine,
                settings,
                modes,
                logging,
                notify,
                inspector: this.inspector,
                documents,
                state,
                extensionVersion: version,
                activationMs: () => core.activationMs,
            }),
        };
    }

    dispose(): void {
        this.inspector.dispose();
    }
}
