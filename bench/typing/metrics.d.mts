/** Types of metrics.mjs, as far as tests read them. */

import type { PlayRecord } from "./driver.mjs";

type Percentiles = Record<string, number | null> | null;

interface Group {
    keys: number;
    shown: number | null;
    p50?: number | null;
}

export interface Metrics {
    keys: number;
    requests: number;
    answered: number;
    superseded: number;
    empty: number;
    latency: Percentiles;
    allKeys: Percentiles;
    lineStarts: Group;
    pauses: Group;
    stops: {
        keys: number;
        shown: Percentiles;
        answered: Percentiles;
        shownShare: number | null;
        em: number | null;
    } | null;
    callMs: Percentiles;
    visible: Record<string, number | null>;
    visibleWarm: Record<string, number | null>;
    firstGhost: number | null;
    carried: number | null;
    flicker: number | null;
    typeThrough: Percentiles;
    tokens: {
        prompt: number;
        reused: number;
        generated: number;
        kinds: Record<string, { calls: number; aborted: number; prompt: number }>;
        perKey: { prompt: number; generated: number };
        promptPerCompletion: number | null;
    };
    chatTokens: number | null;
    cpuSPer100Keys: number | null;
    quality: { midKeys: number; judged: number; emLine: number | null; emPerMidKey: number | null };
    accepted: {
        count: number;
        characters: number;
        keptCharacters: number;
        keptShare: number | null;
        keysSaved: number;
        keysSavedShare: number | null;
    };
}

export interface Usage {
    cpuS: number | null;
    peakRssMb: number | null;
    machineBusyS: number | null;
    load: { start: number; end: number };
}

export function metricsOf(record: PlayRecord, usage: Usage, options: { isTimed: boolean }): Metrics;
export function percentiles(values: readonly number[], ranks: readonly number[]): Percentiles;
export function medianOf(list: readonly unknown[]): unknown;
