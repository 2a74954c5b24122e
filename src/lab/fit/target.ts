/** `fit:6GiB` and `bpw:4.5`: how large the result may be. Pure. */

import { AppError } from "../../base/errors";

export type FitTarget = { kind: "bytes"; bytes: number } | { kind: "bits"; bitsPerWeight: number };

const UNITS: Readonly<Record<string, number>> = {
    b: 1,
    k: 1e3,
    kb: 1e3,
    kib: 1024,
    m: 1e6,
    mb: 1e6,
    mib: 1024 ** 2,
    g: 1e9,
    gb: 1e9,
    gib: 1024 ** 3,
};

/** Throws AppError `user/usage`. */
export function readTarget(text: string): FitTarget {
    const [, kind = "", number = "", unit = ""] =
        /^(fit|bpw):\s*(\d{1,13}(?:\.\d{1,6})?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
    const value = Number(number);
    if (kind.toLowerCase() === "bpw" && unit === "" && value > 0)
        return { kind: "bits", bitsPerWeight: value };
    const factor = UNITS[unit.toLowerCase()];
    if (kind.toLowerCase() === "fit" && factor !== undefined && value > 0)
        return { kind: "bytes", bytes: Math.floor(value * factor) };
    throw new AppError(
        "user/usage",
        `${text.slice(0, 40)} is no size to fit to; write fit:6GiB, fit:800MB or bpw:4.5`,
    );
}

/** Bytes that the file, header and all, may have. */
export function budgetOf(target: FitTarget, nParameters: number): number {
    return target.kind === "bytes"
        ? target.bytes
        : Math.floor((target.bitsPerWeight * nParameters) / 8);
}
