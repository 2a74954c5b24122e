/** `ingot models list | remove NAME`: the library on this computer. */

import { formatBytes } from "../base/format";
import {
    defaultModelsFolder,
    listModels,
    removeModel,
    type LibraryModel,
} from "../library/library";
import { noPositionals, onePositional, readArgs, usage } from "./args";
import type { CliContext, Command } from "./context";
import { printable, table } from "./output";

export const models: Command = {
    name: "models",
    usage: "list | remove NAME",
    summary: "Lists the models on this computer, or removes one.",
    async run(context) {
        const [action, ...rest] = readArgs(context.args, {}).positionals;
        if (action === "list") {
            noPositionals(rest);
            return list(context);
        }
        if (action === "remove") return remove(context, onePositional(rest, "NAME"));
        throw usage(action ? `models has no action ${action}` : "Say list or remove");
    },
};

async function list({ starterPath, json, out }: CliContext): Promise<number> {
    const found = await listModels(starterPath, defaultModelsFolder());
    if (json) out(`${JSON.stringify(found, undefined, 2)}\n`);
    else out(printable(`${table(found.map(row))}\n`));
    return 0;
}

function row(model: LibraryModel): string[] {
    const kind = model.problem ?? [model.architecture, model.fileType].filter(Boolean).join(" ");
    return [model.name, formatBytes(model.sizeBytes), kind, model.path];
}

async function remove({ starterPath, json, out }: CliContext, name: string): Promise<number> {
    const model = await removeModel(name, starterPath, defaultModelsFolder());
    out(json ? `${JSON.stringify(model)}\n` : `Removed ${model.path}\n`);
    return 0;
}
