/** The commands with which people help themselves: why no suggestion, record this moment, last prompt, report, log. */

import { arch, cpus, homedir, platform, release, totalmem } from "node:os";
import { env, version } from "vscode";
import type { CompletionSession } from "../../completion/session";
import type { PromptRecord } from "../../protocol/engine";
import type { Handler } from "../commands";
import type { Settings } from "../config";
import type { Engine } from "../engine";
import type { Logging } from "../logging";
import { COMMAND } from "../manifest";
import type { Modes } from "../modes";
import type { Notify } from "../notify";
import type { State } from "../state";
import type { VirtualDocuments } from "./documents";
import type { Inspector } from "./inspector";
import { recordMoment } from "./moments";
import { buildReport } from "./report";

export interface DebugOptions {
    session: CompletionSession;
    engine: Engine;
    settings: Settings;
    modes: Modes;
    logging: Logging;
    notify: Notify;
    inspector: Inspector;
    documents: VirtualDocuments;
    state: State;
    extensionVersion: string;
    activationMs: () => number;
}

export function debugCommands(options: DebugOptions) {
    return {
        [COMMAND.showLastPrompt]: () => showLastPrompt(options),
        [COMMAND.whyNoSuggestion]: () => options.inspector.show(),
        [COMMAND.recordMoment]: (folder) =>
            recordMoment(options, options.inspector.lastEditor, folder),
        [COMMAND.report]: () => showReport(options),
        [COMMAND.showLog]: () => options.logging.show(),
    } satisfies Record<string, Handler>;
}

/** Returns the text shown. */
async function showLastPrompt({ engine, documents }: DebugOptions): Promise<string> {
    const record =
        engine.state.kind === "running"
            ? await engine.request("debug/lastPrompt", undefined)
            : undefined;
    const text = record ? promptText(record) : "No prompt was sent since the engine started.\n";
    await documents.show("Last Prompt.txt", text, "plaintext");
    return text;
}

function promptText(record: PromptRecord): string {
    return [
        `Last prompt: ${record.kind}, ${record.nTokens} tokens, ${record.model}`,
        "-------- prompt --------",
        record.text,
        "-------- answer as generated --------",
        record.answer,
        "",
    ].join("\n");
}

/** Returns the text shown. */
async function showReport(options: DebugOptions): Promise<string> {
    const { engine, state, session, settings, logging } = options;
    const processor = cpus()[0]?.model.trim() ?? "unknown processor";
    const text = buildReport({
        extensionVersion: options.extensionVersion,
        editor: `${env.appName} ${version}`,
        system: `${platform()} ${arch()} ${release()}`,
        nodeVersion: process.versions.node,
        processor,
        nCores: cpus().length,
        memoryBytes: totalmem(),
        homeFolder: homedir(),
        activationMs: options.activationMs(),
        nAccepted: state.nAccepted,
        settings: settings.differing(),
        engine: await engine.refresh(),
        engineState: describeState(engine),
        outcomes: session.outcomes(),
        log: logging.ring.list(),
    });
    await options.documents.show("Ingot Report.md", text, "markdown");
    return text;
}

function describeState({ state }: Engine): string {
    if (state.kind === "crashed" || state.kind === "failed") {
        const { message, detail } = state.reason;
        return `${state.kind}: ${message}${detail ? ` (${detail.replace(/\s*\n\s*/g, " / ")})` : ""}`;
    }
    return state.kind;
}
