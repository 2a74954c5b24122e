/** The commands of models and jobs: checks their arguments (menus pass rows, buttons pass paths, tests either) and acts. */

import { homedir } from "node:os";
import { commands, env, UIKind, Uri } from "vscode";
import { AppError } from "../../base/errors";
import { writesText } from "../../library/embeddings";
import { readHeader } from "../../library/header";
import type { Role } from "../../protocol/engine";
import type { ConvertResult } from "../../protocol/worker";
import type { Handler } from "../commands";
import { makeImatrix, type ImatrixArguments, type ImatrixOptions } from "../lab/imatrix";
import type { AskText } from "../lab/textPick";
import { SETTING } from "../config";
import { writeSetting } from "../editorSettings";
import { COMMAND, CONTEXT_KEY } from "../manifest";
import type { Notify } from "../notify";
import type { Catalog } from "./catalog";
import {
    askFamily,
    convertModel,
    type ConvertArguments,
    type ConvertOptions,
    type KnownPlan,
} from "./convert";
import { getModel, type GetArguments, type GetOptions } from "./getModel";
import type { Jobs } from "./jobs";
import { quantizeModel, type QuantizeArguments, type QuantizeOptions } from "./quantize";
import { pickModel } from "./select";
import type { AccessUi } from "./hubAccess";
import type { HubOptions } from "./source";
import type { Work } from "./work";

export interface ModelCommandOptions {
    catalog: Catalog;
    jobs: Jobs;
    notify: Notify;
    hub: () => Promise<HubOptions>;
    /** Asks the person when the Hub refuses. */
    access: AccessUi;
    work: Work;
    /** Text that a model is measured on. */
    askText: AskText;
    /** Loads the model of a role, so that a bad file is noticed at once. */
    load: (role: Role) => Promise<unknown>;
    refresh: () => void;
}

const ROLE_SETTING = { completion: SETTING.completionModel, chat: SETTING.chatModel } as const;

export function modelCommands(options: ModelCommandOptions) {
    const { catalog, jobs, notify, refresh, work } = options;
    const conversion: ConvertOptions = {
        jobs,
        notify,
        memory: () => catalog.serving.memory(),
        hub: options.hub,
        access: options.access,
        modelsFolder: () => catalog.serving.modelsFolder,
        exists: (path) => catalog.exists(path),
        askText: options.askText,
        work,
    };
    const convert = (given: ConvertArguments, known?: KnownPlan) =>
        convertModel(conversion, given, known);
    const getting: GetOptions = {
        jobs,
        memory: () => catalog.serving.memory(),
        hub: options.hub,
        access: options.access,
        library: () => catalog.list(),
        convert,
        chooseFamily: (source) => askFamily(jobs, source),
        use: (file) => use(options, "completion", file),
        work,
    };
    const measuring = measuringOptions(options);
    const quantizing: QuantizeOptions = {
        ...measuring,
        work,
        jobs,
        memory: () => catalog.serving.memory(),
        makeImatrix: (file) => imatrixOf(options, file),
    };
    return {
        [COMMAND.selectModel]: (given) => select(options, record(given), convert),
        [COMMAND.getModel]: (given) => getModel(getting, getArguments(record(given))),
        [COMMAND.convertModel]: (given) => convert(convertArguments(record(given))),
        [COMMAND.quantizeModel]: (given) =>
            quantizeModel(quantizing, quantizeArguments(record(given))),
        [COMMAND.makeImatrix]: (given) => makeImatrix(measuring, imatrixArguments(record(given))),
        [COMMAND.useForCompletions]: (given) => use(options, "completion", path(given)),
        [COMMAND.useForChat]: (given) => use(options, "chat", path(given)),
        [COMMAND.revealModel]: (given) => reveal(notify, path(given)),
        [COMMAND.removeModel]: (given) => remove(options, path(given), record(given)),
        [COMMAND.refreshModels]: () => refresh(),
        [COMMAND.cancelJob]: (given) => jobs.cancel(jobId(given)),
        [COMMAND.dismissJob]: (given) => jobs.dismiss(jobId(given)),
    } satisfies Record<string, Handler>;
}

function measuringOptions({ catalog, notify, work, askText }: ModelCommandOptions): ImatrixOptions {
    return {
        notify,
        work,
        library: () => catalog.list(),
        modelsFolder: () => catalog.serving.modelsFolder,
        homeFolder: homedir(),
        exists: (path: string) => catalog.exists(path),
        askText,
        threads: () => catalog.serving.engineConfig().threads,
    };
}

/** Measures one of a file where it is needed, in front of the person; its path, undefined when the person stopped. */
export async function imatrixOf(
    options: ModelCommandOptions,
    file: string,
): Promise<string | undefined> {
    return (await makeImatrix(measuringOptions(options), { path: file }))?.file;
}

/** Arguments `{ role?, path? }`; with a path nothing is asked. Returns the path in use afterwards. */
async function select(
    options: ModelCommandOptions,
    given: Readonly<Record<string, unknown>>,
    convert: (given: ConvertArguments) => Promise<ConvertResult | undefined>,
): Promise<string | undefined> {
    const { catalog } = options;
    const role: Role = given.role === "chat" ? "chat" : "completion";
    if (typeof given.path === "string") return use(options, role, given.path);
    const { homeFolder } = await options.hub();
    const choice = await pickModel({
        role,
        library: (await catalog.list()).filter(writesText),
        serving: catalog.serving.paths[role],
        memory: catalog.serving.memory(),
        homeFolder,
    });
    if (!choice) return undefined;
    if (choice.kind === "file") return use(options, role, choice.path);
    await convert({ source: choice.repo });
    return catalog.serving.paths[role];
}

/** Writes the setting of the role; the starter for completions is the default. Returns the path. */
async function use(options: ModelCommandOptions, role: Role, file: string): Promise<string> {
    const { catalog } = options;
    if (!(await catalog.exists(file))) {
        throw new AppError("user/no-model", `There is no file ${file}; choose another model`);
    }
    const header = await readHeader(file, false);
    if (header && !writesText(header))
        throw new AppError(
            "data/unsupported",
            "That model makes embeddings and writes no text: #codebase takes it by itself; choose another one",
        );
    const isStarter = file === catalog.serving.starterPath;
    const byDefault = isStarter && role === "completion";
    const value = byDefault ? undefined : isStarter ? "starter" : file;
    await writeSetting<string>(ROLE_SETTING[role], value);
    void commands.executeCommand("setContext", CONTEXT_KEY.hasChosenModel, true);
    await options.load(role);
    return file;
}

/** A browser window has no file manager: then the path is said. */
async function reveal(notify: Notify, file: string): Promise<void> {
    if (env.uiKind === UIKind.Web) return notify.info(`The file is ${file}`);
    await commands.executeCommand("revealFileInOS", Uri.file(file));
}

/** Arguments: a row or `{ path, confirmed? }`. Only files of the library's folder and of the Hub cache are removed. */
async function remove(
    options: ModelCommandOptions,
    file: string,
    given: Readonly<Record<string, unknown>>,
): Promise<void> {
    const { catalog, notify } = options;
    const model = (await catalog.list()).find((candidate) => candidate.path === file);
    if (model?.origin !== "own" && model?.origin !== "hub") {
        throw new AppError(
            "user/usage",
            "Only models in Ingot's own folder and in the Hub cache can be removed here",
        );
    }
    const question = `Remove ${model.name}? Its file is deleted.`;
    const yes = given.confirmed === true || (await notify.confirm(question, "Remove", file));
    if (!yes) return;
    const serving = catalog.serving.paths;
    for (const role of ["completion", "chat"] as const) {
        if (serving[role] === file && catalog.serving.isChosen(role)) {
            await writeSetting<string>(ROLE_SETTING[role], undefined);
        }
    }
    await catalog.remove(model.name);
    options.refresh();
}

function record(value: unknown): Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function getArguments(given: Readonly<Record<string, unknown>>): GetArguments {
    const text = (value: unknown) => (typeof value === "string" ? value : undefined);
    return { repo: text(given.repo), type: text(given.type) };
}

function convertArguments(given: Readonly<Record<string, unknown>>): ConvertArguments {
    const text = (value: unknown) => (typeof value === "string" ? value : undefined);
    return {
        source: text(given.source),
        type: text(given.type),
        family: text(given.family),
        imatrix: text(given.imatrix),
        calibrate: texts(given.calibrate),
        chunks: typeof given.chunks === "number" ? given.chunks : undefined,
        out: text(given.out),
        overwrite: typeof given.overwrite === "boolean" ? given.overwrite : undefined,
    };
}

/** From a row of the Models view (its type is asked for), or as an argument. */
function quantizeArguments(given: Readonly<Record<string, unknown>>): QuantizeArguments {
    const text = (value: unknown) => (typeof value === "string" ? value : undefined);
    return {
        path: text(given.path) ?? text(given.target),
        type: text(given.type),
        imatrix: text(given.imatrix),
        calibrate: texts(given.calibrate),
        chunks: typeof given.chunks === "number" ? given.chunks : undefined,
        out: text(given.out),
        overwrite: typeof given.overwrite === "boolean" ? given.overwrite : undefined,
    };
}

/** From a row of the Models view (its text is asked for), or as arguments. */
function imatrixArguments(given: Readonly<Record<string, unknown>>): ImatrixArguments {
    const text = (value: unknown) => (typeof value === "string" ? value : undefined);
    return {
        path: text(given.path) ?? text(given.target),
        text: texts(given.text),
        chunks: typeof given.chunks === "number" ? given.chunks : undefined,
        out: text(given.out),
        overwrite: typeof given.overwrite === "boolean" ? given.overwrite : undefined,
    };
}

function texts(value: unknown): string[] | undefined {
    if (!Array.isArray(value)) return undefined;
    return value.filter((one): one is string => typeof one === "string");
}

/** From a row of the Models view or `{ path }`. */
function path(value: unknown): string {
    const { path: given, target } = record(value);
    const found = given ?? target;
    if (typeof found === "string" && found !== "") return found;
    throw new AppError("user/usage", "No model was given; choose one in the Models view");
}

/** From a row, or the id itself. */
function jobId(value: unknown): string {
    const found = typeof value === "string" ? value : record(value).target;
    if (typeof found === "string") return found;
    throw new AppError("user/usage", "No job was given; choose one in the Models view");
}
