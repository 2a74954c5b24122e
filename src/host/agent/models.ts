/**
 * The models of this computer as VS Code's own Chat offers them: each that has a chat template, with a context that fits the memory and
 * a description to choose by. Pure.
 */

import { formatBytes } from "../../base/format";
import type { HeaderFacts } from "../../library/header";
import { agentTokens, type MachineMemory } from "../../library/memory";

/** What VS Code is told (LanguageModelChatInformation), and which file that is. */
export interface AgentModel {
    id: string;
    name: string;
    family: string;
    version: string;
    /** Beside the name. */
    detail: string;
    tooltip: string;
    maxInputTokens: number;
    maxOutputTokens: number;
    capabilities: { toolCalling: boolean };
    path: string;
    /** Prompt and answer together. */
    contextTokens: number;
}

export interface CandidateModel {
    /** Unique in the library. */
    name: string;
    path: string;
    facts: HeaderFacts;
}

/** Instructions and tools of VS Code's agent mode before the first word of a question. */
const AGENT_PROMPT_TOKENS = 16_000;
const MOST_OUTPUT_TOKENS = 4096;

/** In the given order; files that cannot chat or cannot be used are left out. */
export function agentModels(
    candidates: readonly CandidateModel[],
    memory: MachineMemory,
): AgentModel[] {
    return candidates.flatMap(({ name, path, facts }) => {
        if (!facts.hasChatTemplate || facts.problem !== undefined) return [];
        const { sizeBytes, cache, fileType } = facts;
        const contextTokens = agentTokens({ sizeBytes, cache }, memory);
        const maxOutputTokens = Math.min(MOST_OUTPUT_TOKENS, Math.floor(contextTokens / 4));
        const size = formatBytes(sizeBytes);
        const words = contextTokens.toLocaleString("en-US");
        const isRoomy = contextTokens >= AGENT_PROMPT_TOKENS + MOST_OUTPUT_TOKENS;
        const use = isRoomy
            ? "The agent's instructions and tools fit."
            : "Too short for all of the agent's tools: choose fewer with Configure Tools, or ask without the agent.";
        return [
            {
                id: name,
                name: facts.title?.trim() || name,
                family: facts.architecture ?? "unknown",
                version: fileType ?? "unknown",
                detail: [fileType, size].filter((part) => part !== undefined).join(", "),
                tooltip: `Runs on this computer, nothing leaves it. ${size}, context of ${words} tokens. ${use}`,
                maxInputTokens: contextTokens - maxOutputTokens,
                maxOutputTokens,
                // Also where a template knows no tools: they are told in words then.
                capabilities: { toolCalling: true },
                path,
                contextTokens,
            },
        ];
    });
}
