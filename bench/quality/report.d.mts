/** Types of report.mjs. */

import type { Judgement, Sum } from "./judge.mjs";

export interface Column {
    name: string;
    /** One a case. */
    judgements: Judgement[];
}

interface Pair {
    won: number;
    lost: number;
}

export interface HoleFigures extends Sum {
    againstFirst: Pair;
    passAgainstFirst: Pair;
    againstReference?: Pair;
}

export interface SilentFigures {
    name: string;
    silent: number | null;
    silentByKind: Record<string, number | null>;
    showing: number | null;
    showingByKind: Record<string, number | null>;
    rightOfShown: number | null;
    rightOfHoles: number | null;
}

export function holeReport(options: {
    columns: Column[];
    cases: { kind: string }[];
    kinds: string[];
}): { text: string; result: Record<string, Record<string, HoleFigures>>; isLost: boolean };
export function silentReport(options: {
    columns: Column[];
    cases: { kind: string }[];
    silentKinds: string[];
    holeKinds: string[];
}): { text: string; result: SilentFigures[]; isLost: false };
