/** `ingot models list | search | files | fetch | remove`: the models of this computer and of the Hub. */

import { formatBytes } from "../base/format";
import {
    defaultModelsFolder,
    listAllModels,
    removeModel,
    type LibraryModel,
} from "../library/library";
import { noPositionals, onePositional, readArgs, usage } from "./args";
import type { CliContext, Command } from "./context";
import { fetchCommand, filesCommand, searchCommand } from "./hub";
import { oneLine, printable, table } from "./output";

export const models: Command = {
    name: "models",
    usage: [
        "list [--folder FOLDER]...",
        "search [TEXT] [--gguf | --safetensors] [--license L] [--author A] [--min-downloads N] [--max-parameters 8B] [--sort downloads|likes|modified|trending] [--limit N]",
        "files REPO [--revision R]",
        "fetch REPO [--file NAME]... [--revision R]",
        "remove NAME",
    ].join(" | "),
    summary: "Lists the models on this computer, searches the Hub, downloads from it, removes one.",
    async run(context) {
        const [action, ...args] = context.args;
        const rest = { ...context, args };
        switch (action ?? "") {
            case "list":
                return list(rest);
            case "search":
                return searchCommand(rest);
            case "files":
                return filesCommand(rest);
            case "fetch":
                return fetchCommand(rest);
            case "remove":
                return remove(rest, onePositional(readArgs(args, {}).positionals, "NAME"));
            default:
                throw usage(
                    action
                        ? `models has no action ${action}`
                        : "Say list, search, files, fetch or remove",
                );
        }
    },
};

/** Files that were passed over are told on stderr: they are no results. */
async function list({ args, starterPath, json, out, note }: CliContext): Promise<number> {
    const { values, positionals } = readArgs(args, { folder: { type: "string", multiple: true } });
    noPositionals(positionals);
    const { models: found, skipped } = await listAllModels(starterPath, defaultModelsFolder(), {
        searchFolders: values.folder,
    });
    if (json) out(`${JSON.stringify(found, undefined, 2)}\n`);
    else out(printable(`${table(found.map(row))}\n`));
    for (const { path, reason } of skipped) note(oneLine(`Passed over: ${path}: ${reason}`));
    return 0;
}

function row(model: LibraryModel): string[] {
    const facts = [model.architecture, model.fileType, model.purpose];
    const kind = model.problem ?? facts.filter(Boolean).join(" ");
    return [model.name, formatBytes(model.sizeBytes), kind, model.origin, model.path];
}

async function remove({ starterPath, json, out }: CliContext, name: string): Promise<number> {
    const model = await removeModel(name, starterPath, defaultModelsFolder());
    out(json ? `${JSON.stringify(model)}\n` : `Removed ${model.path}\n`);
    return 0;
}
