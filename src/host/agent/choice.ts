/** Which model serves VS Code's own Chat, as the engine is told it. Pure. */

import { AppError } from "../../base/errors";
import type { EngineConfig } from "../../protocol/engine";

/** Under this name VS Code's Chat offers the models; package.json has it too. */
export const VENDOR = "ingot";

interface Chosen {
    path: string;
    /** Prompt and answer together. */
    contextTokens: number;
}

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
