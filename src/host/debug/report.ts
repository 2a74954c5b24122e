/**
 * The text of `Ingot: Report`: versions, hardware, settings that differ, the engine, recent outcomes and log lines. Pure.
 * INVARIANT: no file contents, no prompts, no suggestions; the home folder is written as `~`.
 */

import { formatBytes } from "../../base/format";
import { formatEntry, redact, type LogEntry } from "../../base/log";
import type { OutcomeRecord } from "../../completion/records";
import type { EngineStatus } from "../../protocol/engine";
import { countedTokens } from "./outcomes";

export interface ReportFacts {
    extensionVersion: string;
    editor: string;
    /** `linux x64 6.1.0`. */
    system: string;
    nodeVersion: string;
    processor: string;
    nCores: number;
    memoryBytes: number;
    homeFolder: string;
    activationMs: number;
    nAccepted: number;
    settings: readonly { key: string; value: unknown }[];
    engine: EngineStatus | undefined;
    engineState: string;
    outcomes: readonly OutcomeRecord[];
    log: readonly LogEntry[];
}

const MAX_LOG_LINES = 200;
const MAX_OUTCOMES = 20;

export function buildReport(facts: ReportFacts): string {
    const lines = [
        "# Ingot report",
        "",
        "No file contents and no prompts are in this report. Read it before you share it: paths can name projects.",
        "",
        "## Versions",
        `- Ingot ${facts.extensionVersion}, ${facts.editor}, Node ${facts.nodeVersion}`,
        `- ${facts.system}`,
        `- ${facts.processor}, ${facts.nCores} cores, ${formatBytes(facts.memoryBytes)} of memory`,
        `- activated in ${facts.activationMs.toFixed(1)} ms; ${facts.nAccepted} completions accepted`,
        "",
        "## Settings that differ",
        ...list(facts.settings.map(({ key, value }) => `${key} = ${JSON.stringify(value)}`)),
        "",
        "## Engine",
        `- ${facts.engineState}`,
        ...engineLines(facts.engine),
        "",
        "## Last outcomes",
        ...list(facts.outcomes.slice(-MAX_OUTCOMES).map(outcomeLine)),
        "",
        "## Log",
        "```",
        ...facts.log.slice(-MAX_LOG_LINES).map((entry) => `${entry.level} ${formatEntry(entry)}`),
        "```",
        "",
    ];
    return withoutHome(redact(lines.join("\n")), facts.homeFolder);
}

function list(items: readonly string[]): string[] {
    return items.length === 0 ? ["- none"] : items.map((item) => `- ${item}`);
}

function engineLines(status: EngineStatus | undefined): string[] {
    if (!status) return [];
    return [
        `- llama.cpp ${status.release ?? "not open yet"}, variant ${status.variant || "cpu"}`,
        ...status.devices.map(
            (device) =>
                `- device ${device.name} (${device.type}): ${device.description}, ` +
                `${formatBytes(device.freeBytes)} of ${formatBytes(device.memoryBytes)} free`,
        ),
        ...status.models.map(
            (model) =>
                `- ${model.roles.join(" and ")}: ${model.path}, ${model.architecture} ${model.fileType}, ` +
                `${model.nLayersOffloaded}/${model.nLayers + 1} layers on ${model.device}, ` +
                `context ${model.contextTokens}, ${model.threads} threads, loaded in ${Math.round(model.loadMs)} ms`,
        ),
        `- memory ${formatBytes(status.rssBytes)}`,
    ];
}

function outcomeLine(record: OutcomeRecord): string {
    const { outcome } = record;
    const what =
        outcome.kind === "suggestion" ? `suggested (${outcome.source})` : `none: ${outcome.reason}`;
    const tokens = countedTokens(outcome);
    const counts = tokens
        ? `, tokens ${tokens.prompt} new, ${tokens.reused} reused, ${tokens.generated} generated`
        : "";
    return `${record.languageId}, ${record.trigger}: ${what}, ${Math.round(record.totalMs)} ms${counts}`;
}

function withoutHome(text: string, homeFolder: string): string {
    return homeFolder.length > 1 ? text.replaceAll(homeFolder, "~") : text;
}
