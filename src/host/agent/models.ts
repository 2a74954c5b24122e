/**
 * The models of this computer as VS Code's own Chat offers them: each that has a chat template, with a context that fits the memory and
 * a description to choose by. Pure.
 */

import { AppError } from "../../base/errors";
import { formatBytes } from "../../base/format";
import type { HeaderFacts } from "../../library/header";
import { agentTokens, type MachineMemory } from "../../library/memory";
import type { EngineConfig } from "../../protocol/engine";

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

export const VENDOR = "ingot";
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

type Chosen = Pick<AgentModel, "path" | "contextTokens">;

/** Two conversations with different models take turns; each question loses its turn at most so often. */
const MOST_TRIES = 4;

/** Which model serves VS Code's Chat in this window: the one that was asked last. */
export class AgentChoice {
    private current: Chosen | undefined;

    /**
     * `send` with that model chosen: again when another question chose another one before the engine got this one, which it refuses
     * then. `tell` gives the engine the configuration.
     */
    async run<T>(model: Chosen, tell: () => Promise<void>, send: () => Promise<T>): Promise<T> {
        for (let nTries = 1; ; nTries++) {
            // An engine that was starting meanwhile may not have heard of it.
            if (this.choose(model) || nTries > 1) await tell();
            try {
                return await send();
            } catch (error) {
                const isLost = error instanceof AppError && error.code === "user/no-model";
                if (!isLost || !error.retry || nTries === MOST_TRIES) throw error;
            }
        }
    }

    /** Whether the engine has to be told. */
    choose({ path, contextTokens }: Chosen): boolean {
        if (this.current?.path === path && this.current.contextTokens === contextTokens)
            return false;
        this.current = { path, contextTokens };
        return true;
    }

    /** The configuration with that model in it. */
    configured(config: EngineConfig): EngineConfig {
        const like = config.chat ?? config.completion;
        if (!this.current || !like) return config;
        return { ...config, agent: { ...this.current, gpuLayers: like.gpuLayers } };
    }
}
