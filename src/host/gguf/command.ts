/** `Ingot: Inspect GGUF...`: a model of this computer, a file to browse for, or a file of a Hub repository, of which only the header is fetched. */

import { commands, Uri, window } from "vscode";
import { AppError } from "../../base/errors";
import { formatBytes } from "../../base/format";
import type { HubGgufChoice, HubPage } from "../../protocol/hub";
import { GGUF_EDITOR } from "../manifest";
import { modelRow } from "../models/modelRow";
import { pickOne, type PickRow } from "../models/pick";
import { ORIGIN_LABEL, type ModelFile } from "../models/rows";
import { notes } from "../models/needs";
import type { GgufInspector } from "./editor";
import { parseGguf, type TypedGguf } from "./place";

export interface InspectOptions {
    inspector: GgufInspector;
    library: () => Promise<ModelFile[]>;
    homeFolder: string;
    /** What a repository has; asks for access where it must. */
    readPage: (repo: string, revision: string | undefined) => Promise<HubPage>;
}

type Choice = TypedGguf | { kind: "browse" };

const TITLE = "Inspect a GGUF File";

/** `given`: a row of the Models view, or `{ path }`: a path, `OWNER/NAME/FILE.gguf` or an address. Asked for when there is none. */
export async function inspectGguf(options: InspectOptions, given: unknown): Promise<void> {
    const text = textOf(given);
    const choice = text === undefined ? await pick(options) : parseGguf(text, options.homeFolder);
    if (text !== undefined && !choice)
        throw new AppError(
            "user/usage",
            "That is no GGUF file; give a path, or OWNER/NAME/FILE.gguf of the Hub",
        );
    if (choice) await show(options, choice);
}

function textOf(given: unknown): string | undefined {
    const { path, target } = (given ?? {}) as Record<string, unknown>;
    return [path, target].find((text) => typeof text === "string");
}

async function show(options: InspectOptions, choice: Choice): Promise<void> {
    if (choice.kind === "hub") return showHub(options, choice);
    const path = choice.kind === "file" ? choice.path : await browse();
    if (path !== undefined)
        await commands.executeCommand("vscode.openWith", Uri.file(path), GGUF_EDITOR);
}

async function browse(): Promise<string | undefined> {
    const [file] =
        (await window.showOpenDialog({
            title: TITLE,
            filters: { "GGUF models": ["gguf"] },
            openLabel: "Inspect",
        })) ?? [];
    return file?.fsPath;
}

async function showHub(
    options: InspectOptions,
    { repo, revision, file }: Extract<TypedGguf, { kind: "hub" }>,
): Promise<void> {
    const chosen = file ?? (await pickFile(await options.readPage(repo, revision)));
    if (chosen === undefined) return;
    options.inspector.openHubFile({ kind: "hub", repo, revision, file: chosen });
}

async function pickFile({ id, ggufs }: HubPage): Promise<string | undefined> {
    if (ggufs.length === 0)
        throw new AppError("user/no-model", `${id} has no GGUF files; choose another repository`);
    const row = ({ file, type, sizeBytes, files }: HubGgufChoice): PickRow<string> => ({
        label: `$(file-binary) ${file}`,
        description: notes([
            type,
            formatBytes(sizeBytes),
            files.length > 1 && `${files.length} files`,
        ]),
        value: file,
    });
    return pickOne({
        title: `${TITLE} of ${id}`,
        placeholder: "A file; only its header is fetched",
        rows: ggufs.map(row),
    });
}

async function pick({ library, homeFolder }: InspectOptions): Promise<Choice | undefined> {
    const models = await library();
    return pickOne<Choice>({
        title: TITLE,
        placeholder: "A model, the path of a GGUF file, or OWNER/NAME/FILE.gguf of the Hub",
        rows: [
            { separator: "On this computer" },
            ...models.map((model) => ({
                ...modelRow(
                    model,
                    { kind: "file", path: model.path } as const,
                    ORIGIN_LABEL[model.origin],
                ),
                detail: model.problem,
            })),
            { label: "$(folder-opened) Browse for a GGUF File...", value: { kind: "browse" } },
        ],
        fromText: (text) => {
            const typed = parseGguf(text, homeFolder);
            if (!typed) return undefined;
            if (typed.kind === "file")
                return { label: `$(file-binary) Inspect ${typed.path}`, value: typed };
            const { repo, file } = typed;
            const what = file === undefined ? `${repo}: Choose a File...` : `${repo}/${file}`;
            return {
                label: `$(cloud) Inspect ${what}`,
                detail: "From the Hub: only the header is fetched",
                value: typed,
            };
        },
    });
}
