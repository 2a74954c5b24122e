/** Which files the configured roles need in memory, and how their KV cache is divided. Two roles on one file share it. Pure. */

import type { EngineConfig, GpuLayers, ModelSpec, Role } from "../protocol/engine";

export interface LoadPlan {
    /** Equal keys = the loaded model can stay. */
    key: string;
    path: string;
    gpuLayers: GpuLayers;
    threads: number | undefined;
    /** Tokens of context wanted by each role that uses the file. */
    roles: Partial<Record<Role, number>>;
}

const ROLES: readonly Role[] = ["completion", "chat"];

/** The plan of each configured role; roles that share weights get the same object. */
export function planLoads(config: EngineConfig): Partial<Record<Role, LoadPlan>> {
    const plans: Partial<Record<Role, LoadPlan>> = {};
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

/** KV sequences of a context: the files that were completed in last each keep their prompt. */
export const COMPLETION_SEQUENCES = [0, 1, 2, 3] as const;
export const CHAT_SEQUENCE = 4;
export const PROBE_SEQUENCE = 5;
export const N_SEQUENCES = 6;

/** Higher runs first: a keystroke does not wait for a chat turn, what is done ahead of time waits for both. */
export const PRIORITY = { keystroke: 3, chat: 2, ahead: 1, probe: 0 } as const;

export interface ContextSizes {
    /** Greatest length of one completion prompt with its answer, and of one chat; 0 = role not used. */
    completion: number;
    chat: number;
    /** Cells of the whole cache. */
    total: number;
}

/** What completion prompts need at most: the largest window budget, an answer, control tokens. */
const COMPLETION_TOKENS = 2304;
/** Cells are shared: room for so many of the longest prompts, or for more that are shorter. */
const N_LONGEST = 2;
const SLACK_TOKENS = 64;

export function contextSizes(plan: LoadPlan, trainedTokens: number): ContextSizes {
    const limit = (wanted: number | undefined) =>
        wanted === undefined ? 0 : Math.max(128, Math.min(wanted, trainedTokens || wanted));
    const completion = Math.min(limit(plan.roles.completion), COMPLETION_TOKENS);
    const chat = limit(plan.roles.chat);
    const used = completion * N_LONGEST + chat + SLACK_TOKENS;
    return { completion, chat, total: Math.ceil(used / 256) * 256 };
}
