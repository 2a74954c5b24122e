/** Which files the configured roles need in memory. Two roles on one file share it; how its KV cache is divided is src/library/memory.ts's. Pure. */

import { COMPLETION_SEQUENCES } from "../library/memory";
import type { EngineConfig, GpuLayers, ModelSpec, ModelRole } from "../protocol/engine";

export interface LoadPlan {
    /** Equal keys = the loaded model can stay. */
    key: string;
    path: string;
    gpuLayers: GpuLayers;
    threads: number | undefined;
    /** Tokens of context wanted by each role that uses the file. */
    roles: Partial<Record<ModelRole, number>>;
}

const ROLES: readonly ModelRole[] = ["completion", "chat", "agent"];

/** The plan of each configured role; roles that share weights get the same object. */
export function planLoads(config: EngineConfig): Partial<Record<ModelRole, LoadPlan>> {
    const plans: Partial<Record<ModelRole, LoadPlan>> = {};
    for (const role of ROLES) {
        const spec = config[role];
        if (!spec) continue;
        const shared = Object.values(plans).find((plan) => isSameFile(plan, spec));
        if (shared) shared.roles[role] = spec.contextTokens;
        plans[role] = shared ?? {
            key: "",
            path: spec.path,
            gpuLayers: spec.gpuLayers,
            threads: config.threads,
            roles: { [role]: spec.contextTokens },
        };
    }
    for (const plan of Object.values(plans)) {
        const { path, gpuLayers, threads, roles } = plan;
        plan.key = JSON.stringify([path, gpuLayers, threads, roles]);
    }
    return plans;
}

function isSameFile(plan: LoadPlan, spec: ModelSpec): boolean {
    return plan.path === spec.path && plan.gpuLayers === spec.gpuLayers;
}

/**
 * KV sequences of a context: those of completions (src/library/memory.ts) and a spare one for them, the chat's, one for
 * measurements, and those of VS Code's own Chat: the conversation, and short requests beside it.
 */
export const CHAT_SEQUENCE = COMPLETION_SEQUENCES.length;
export const PROBE_SEQUENCE = CHAT_SEQUENCE + 1;
export const SPARE_SEQUENCE = PROBE_SEQUENCE + 1;
export const AGENT_SEQUENCE = SPARE_SEQUENCE + 1;
export const UTILITY_SEQUENCE = AGENT_SEQUENCE + 1;
export const N_SEQUENCES = UTILITY_SEQUENCE + 1;

/**
 * Higher runs first, equals take turns: a keystroke does not wait for a chat turn. What is done ahead of the typing takes turns with it: where
 * it waited, most completions came too late while a chat was answering (docs/measuring.md).
 */
export const PRIORITY = { keystroke: 3, chat: 2, ahead: 2, utility: 1, probe: 0 } as const;
