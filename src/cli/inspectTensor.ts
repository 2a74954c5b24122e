/** What `ingot inspect` says of one tensor: its values with a histogram, a block taken apart, what simple ways to quantize lose. */

import { resolve } from "node:path";
import { usage } from "./args";
import type { BlockView, MethodsView, ValueSummary } from "../protocol/inspector";
import type { CliContext } from "./context";
import { printable, table } from "./output";
import { askWorker } from "./worker";

export interface TensorOptions {
    values?: string | undefined;
    /** `TENSOR` or `TENSOR:NUMBER`. */
    block?: string | undefined;
    methods?: string | undefined;
    /** For `methods`. */
    imatrix?: string | undefined;
}

/** Undefined when nothing was asked about a tensor. */
export async function describeTensor(
    context: CliContext,
    path: string,
    { values, block, methods, imatrix }: TensorOptions,
): Promise<string | undefined> {
    const place = { kind: "file", path } as const;
    if ([values, block, methods].filter((one) => one !== undefined).length > 1)
        throw usage("Give one of --values, --block and --methods");
    if (imatrix !== undefined && methods === undefined)
        throw usage("--imatrix goes with --methods");
    const print = <T>(result: T, text: (result: T) => string) =>
        context.json ? `${JSON.stringify(result, undefined, 2)}\n` : printable(text(result));
    if (values !== undefined)
        return print(
            await askWorker(context, "inspector/values", { place, tensor: values }),
            valueText,
        );
    if (block !== undefined) {
        const [, tensor = block, number = "0"] = /^(.+):(\d{1,12})$/.exec(block) ?? [];
        const asked = { place, tensor, block: Number(number) };
        return print(await askWorker(context, "inspector/block", asked), blockText);
    }
    if (methods === undefined) return undefined;
    const asked = { place, tensor: methods, imatrix: imatrix && resolve(imatrix) };
    return print(await askWorker(context, "inspector/methods", asked), methodText);
}

const BAR_CHARACTERS = 50;
/** Two of the picture's bins to a line. */
const LINE_BINS = 2;

function valueText(summary: ValueSummary): string {
    const { tensor, type, nSampled, nAll, nRows, min, max, mean, deviation, kurtosis } = summary;
    const share = (n: number) => `${n} (${((100 * n) / nSampled).toFixed(3)} %)`;
    const { from, width, bins, nBelow, nAbove } = summary.histogram;
    const lines = bins.flatMap((n, i) => (i % LINE_BINS === 0 ? [n + (bins[i + 1] ?? 0)] : []));
    const most = Math.max(1, ...lines);
    const rows = lines.map((n, i) => {
        const length =
            n > 0 ? (BAR_CHARACTERS * (Math.log10(n) + 0.3)) / (Math.log10(most) + 0.3) : 0;
        return [short(from + LINE_BINS * i * width), String(n), "#".repeat(Math.round(length))];
    });
    return [
        `${tensor}, ${type}: ${nSampled} of ${nAll} values, in ${nRows} rows`,
        table([
            ["range", `${short(min)} to ${short(max)}`],
            ["mean", short(mean)],
            ["standard deviation", short(deviation)],
            ["kurtosis", kurtosis.toFixed(2)],
            ["zeros", share(summary.nZero)],
            ["nearly zero", share(summary.nSmall)],
            ["beyond 6 deviations", share(summary.nOutliers)],
            ["not finite", share(summary.nNotFinite)],
        ]),
        "",
        "Values from 5 standard deviations below the mean to 5 above; lengths by the logarithm",
        table(rows, ["from", "values", ""]),
        `below: ${nBelow}, above: ${nAbove}`,
        "",
    ].join("\n");
}

function blockText({
    tensor,
    type,
    block,
    nBlocks,
    position,
    about,
    formula,
    ...view
}: BlockView): string {
    const hex = (from: number, bytes: number) =>
        view.bytes
            .slice(from, from + bytes)
            .map((byte) => byte.toString(16).padStart(2, "0"))
            .join(" ");
    return [
        `${tensor}, ${type}: block ${block} of ${nBlocks}, ${view.nValues} values in ${view.bytes.length} bytes from ${position}`,
        about,
        ...(formula === "" ? [] : [formula]),
        "",
        ...view.fields.map(
            ({ name, from, bytes, what }) => `${name} (${what}): ${hex(from, bytes)}`,
        ),
        "",
        ...view.groups.map(({ from, scale, min }, i) => {
            const quants = view.quants.slice(from, view.groups[i + 1]?.from ?? view.nValues);
            return `from ${from}: scale ${short(scale)}, min ${short(min)}, quants ${quants.join(" ")}`;
        }),
        `values: ${view.values?.map(short).join(" ") ?? "not known without the native part"}`,
        "",
    ].join("\n");
}

function methodText({ nSampled, methods, missing, imatrix }: MethodsView): string {
    const bitsOf = (bits: number) => String(Number(bits.toFixed(4)));
    const rows = [
        ...methods.map(({ name, bits, error, kind }) => [
            name,
            bitsOf(bits),
            `${(100 * error).toFixed(3)} %`,
            kind,
        ]),
        ...missing.map(({ name, bits, why }) => [name, bitsOf(bits), "-", why]),
    ];
    const heading = ["method", "bits per weight", "relative error", "kind"];
    const by = imatrix === undefined ? "" : `, columns counted by ${imatrix}`;
    return `On ${nSampled} values of the tensor${by}\n${table(rows, heading)}\n`;
}

function short(value: number): string {
    return String(Number(value.toPrecision(4)));
}
