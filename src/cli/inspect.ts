/** `ingot inspect FILE`: what is in a GGUF file, whether the engine would run it, and what the values or a block of one tensor are. */

import { resolve } from "node:path";
import { formatBytes, formatParameters } from "../base/format";
import type { InspectResult } from "../protocol/worker";
import { onePositional, readArgs } from "./args";
import type { Command } from "./context";
import { printable, table } from "./output";
import { describeTensor } from "./inspectTensor";
import { askWorker } from "./worker";

export const inspect: Command = {
    name: "inspect",
    usage: "FILE [--tensors] [--values|--block|--methods TENSOR] [--imatrix FILE]",
    summary:
        "Shows a GGUF file's metadata, tensors and chat template, and why the engine would refuse it.",
    async run(context) {
        const { values, positionals } = readArgs(context.args, {
            tensors: { type: "boolean" },
            values: { type: "string" },
            block: { type: "string" },
            methods: { type: "string" },
            imatrix: { type: "string" },
        });
        const path = resolve(onePositional(positionals, "FILE"));
        const about = await describeTensor(context, path, values);
        if (about !== undefined) {
            context.out(about);
            return 0;
        }
        const result = await askWorker(context, "inspect", { path });
        if (context.json) context.out(`${JSON.stringify(result, undefined, 2)}\n`);
        else context.out(printable(describe(result, values.tensors ?? false)));
        return 0;
    },
};

function describe(result: InspectResult, withTensors: boolean): string {
    const files = result.nFiles > 1 ? ` in ${result.nFiles} files` : "";
    const lines = [
        `${result.path}`,
        `${result.architecture}, ${formatParameters(result.nParameters)} parameters, ${result.fileType}, ${formatBytes(result.sizeBytes)}${files}, ${result.bitsPerWeight.toFixed(2)} bits per weight, GGUF v${result.version}`,
        ...(result.problem === undefined ? [] : [`Cannot be run: ${result.problem}`]),
        result.fim ? `Fills in the middle: ${result.fim}` : "Has no fill-in-the-middle tokens",
        "",
        table(result.metadata.map(({ key, type, value }) => [key, type, value])),
        "",
        table(typeRows(result)),
    ];
    if (withTensors)
        lines.push(
            "",
            table(
                result.tensors.map((tensor) => [
                    tensor.name,
                    tensor.type,
                    tensor.shape.join(" x "),
                    formatBytes(tensor.bytes),
                ]),
            ),
        );
    if (result.chatTemplate) lines.push("", "Chat template:", result.chatTemplate);
    return `${lines.join("\n")}\n`;
}

/** Tensors and bytes by type. */
function typeRows({ tensors }: InspectResult): string[][] {
    const byType = new Map<string, { count: number; bytes: number }>();
    for (const { type, bytes } of tensors) {
        const sum = byType.get(type) ?? { count: 0, bytes: 0 };
        byType.set(type, { count: sum.count + 1, bytes: sum.bytes + bytes });
    }
    return [...byType].map(([type, { count, bytes }]) => [
        type,
        `${count} tensors`,
        formatBytes(bytes),
    ]);
}
