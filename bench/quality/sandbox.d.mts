/** Types of sandbox.mjs. */

export interface Limits {
    cpuSeconds: number;
    wallMs: number;
    memoryMb: number;
}

export interface Program {
    /** Of the folder with the files, absolute; the first word is a path. */
    command: (folder: string) => string[];
    files?: Readonly<Record<string, string>>;
    limits?: Limits;
}

export interface Ended {
    code: number | null;
    isLate: boolean;
    output: string;
    errors: string;
}

export interface Sandbox {
    isApart: boolean;
    run(program: Program): Promise<Ended>;
}

export const LIMITS: Limits;
export function openSandbox(): Sandbox | undefined;
