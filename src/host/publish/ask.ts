/** What `Ingot: Publish...` asks before anything is shown: files, comparison, licence, repository, how it goes. Each undefined when the person stopped. */

import { ThemeIcon, window } from "vscode";
import { formatBytes } from "../../base/format";
import { DisposableStore } from "../../base/lifecycle";
import type { PublishPlan } from "../../protocol/publish";
import { modelRow } from "../models/modelRow";
import { pickOne, toItem, type Item, type PickRow } from "../models/pick";
import type { ModelFile } from "../models/rows";
import { parsePath } from "../models/source";
import { stemOf } from "../models/typeRows";
import type { FoundComparison } from "./comparisons";

export interface LicenseAnswer {
    /** As the Hub spells it. */
    license?: string | undefined;
    licenseName?: string | undefined;
    licenseLink?: string | undefined;
}

/** Of GGUF files that may be published: not the small built-in one, and none that cannot be read. */
export async function askFiles(
    library: readonly ModelFile[],
    homeFolder: string,
): Promise<string[] | undefined> {
    const models = library.filter(({ problem, origin }) => !problem && origin !== "starter");
    const first = await pickMany(models);
    if (first !== "browse") return first;
    const files = await window.showOpenDialog({
        title: "GGUF Files to Publish",
        filters: { "GGUF models": ["gguf"] },
        openLabel: "Publish",
        canSelectMany: true,
    });
    return files?.map(({ fsPath }) => parsePath(fsPath, homeFolder) ?? fsPath);
}

/** Types of one model stand together; with one of them chosen the others are one keystroke away. */
function pickMany(models: readonly ModelFile[]): Promise<string[] | "browse" | undefined> {
    const store = new DisposableStore();
    const pick = store.add(window.createQuickPick<Item<string>>());
    const stems = [...new Set(models.map(({ name }) => stemOf(name)))];
    const items = stems.flatMap((stem) => [
        toItem<string>({ separator: stem }),
        ...models
            .filter(({ name }) => stemOf(name) === stem)
            .map((model) => toItem<string>(modelRow(model, model.path))),
    ]);
    const sizes = new Map(models.map(({ path, sizeBytes }) => [path, sizeBytes]));
    const say = (chosen: readonly Item<string>[]) => {
        const bytes = chosen.reduce((sum, { value }) => sum + (sizes.get(value ?? "") ?? 0), 0);
        pick.placeholder =
            chosen.length === 0
                ? "Quantizations of one model; they go into one repository"
                : `${chosen.length} chosen, ${formatBytes(bytes)}`;
    };
    pick.title = "Publish (1/3): GGUF Files";
    pick.canSelectMany = true;
    pick.ignoreFocusOut = true;
    pick.matchOnDescription = true;
    pick.buttons = [
        { iconPath: new ThemeIcon("folder-opened"), tooltip: "Browse for GGUF Files..." },
    ];
    pick.items = items;
    say([]);
    return new Promise((resolve) => {
        const finish = (value: string[] | "browse" | undefined) => {
            resolve(value);
            store.dispose();
        };
        store.add(pick.onDidChangeSelection(say));
        store.add(pick.onDidTriggerButton(() => finish("browse")));
        store.add(
            pick.onDidAccept(() => {
                const files = pick.selectedItems.flatMap(({ value }) => value ?? []);
                if (files.length > 0) finish(files);
            }),
        );
        store.add(pick.onDidHide(() => finish(undefined)));
        pick.show();
    });
}

/** Null: the card goes without measurements. */
export function askComparison(
    found: readonly FoundComparison[],
    nFiles: number,
): Promise<string | null | undefined> {
    return pickOne<string | null>({
        title: "Publish: Measurements",
        placeholder: "A comparison has measured these files; its figures can stand in the card",
        rows: [
            ...found.map(({ record, model, startedAt, nMeasured, text }): PickRow<string> => ({
                label: `$(graph-scatter) ${model}, ${new Date(startedAt).toLocaleString()}`,
                description: `${nMeasured} of ${nFiles} ${nFiles === 1 ? "file" : "files"} measured`,
                ...(text === undefined ? {} : { detail: `on ${text}` }),
                value: record,
            })),
            { label: "$(circle-slash) Without Measurements", value: null },
        ],
    });
}

const USUAL_LICENSES: readonly (readonly [id: string, name: string])[] = [
    ["apache-2.0", "Apache License 2.0"],
    ["mit", "MIT License"],
    ["llama3.1", "Llama 3.1 Community License"],
    ["llama3.2", "Llama 3.2 Community License"],
    ["llama3.3", "Llama 3.3 Community License"],
    ["gemma", "Gemma Terms of Use"],
    ["bigcode-openrail-m", "BigCode OpenRAIL-M"],
    ["openrail", "OpenRAIL"],
    ["deepseek", "DeepSeek License"],
    ["bsd-3-clause", "BSD 3-Clause"],
    ["gpl-3.0", "GNU General Public License 3.0"],
    ["cc-by-4.0", "Creative Commons Attribution 4.0"],
    ["cc-by-nc-4.0", "Creative Commons Attribution, not commercial, 4.0"],
];

/** Asked only where the files leave it open. */
export async function askLicense(): Promise<LicenseAnswer | undefined> {
    const license = await pickOne<string>({
        title: "Publish: Licence",
        placeholder:
            "The files do not say clearly which licence they are under. The page of the original model does",
        rows: [
            ...USUAL_LICENSES.map(([id, name]) => ({ label: id, description: name, value: id })),
            {
                label: "other",
                description: "with its name and the address of its text",
                value: "other",
            },
        ],
        fromText: (text) => {
            const id = text.trim().toLowerCase();
            const isKnown = USUAL_LICENSES.some(([known]) => known.startsWith(id));
            if (isKnown || !/^[a-z0-9][a-z0-9.+-]+$/.test(id)) return undefined;
            return { label: id, description: "as the Hub spells it", value: id };
        },
    });
    if (license !== "other") return license === undefined ? undefined : { license };
    const licenseName = await window.showInputBox({
        title: "Publish: Name of the Licence",
        ignoreFocusOut: true,
        validateInput: (text) => (text.trim() ? undefined : "Type the licence's name"),
    });
    if (licenseName === undefined) return undefined;
    const licenseLink = await window.showInputBox({
        title: `Publish: Address of the Text of ${licenseName}`,
        placeHolder: "https://",
        ignoreFocusOut: true,
        validateInput: (text) =>
            /^https?:\/\/[^\s/]+/.test(text.trim()) ? undefined : "Begin with https://",
    });
    return licenseLink === undefined ? undefined : { license, licenseName, licenseLink };
}

/** Asked where the files leave it open. Empty: it stays as they say. `text`: what stands in the box; `problem`: why it was not taken. */
export function askBase(
    { baseModels }: PublishPlan,
    text: string,
    problem: string | undefined,
): Thenable<string | undefined> {
    let refused = problem === undefined ? undefined : text;
    return window.showInputBox({
        title: "Publish: Base Model",
        prompt:
            baseModels.length > 0
                ? `The files name ${baseModels.join(", ")}; leave it empty if that is what was quantized, or type the fine-tune of it`
                : "The files do not say which model was quantized; leave it empty when you do not know",
        placeHolder: "owner/name on the Hub",
        value: text,
        ignoreFocusOut: true,
        validateInput: (value) => {
            if (value === refused) return problem;
            refused = undefined;
            return /^([\w.-]{1,96}\/[\w.-]{1,96})?$/.test(value.trim())
                ? undefined
                : "owner/name, like Qwen/Qwen2.5-Coder-0.5B";
        },
    });
}

/** `text`: what stands in the box; `problem`: why it was not taken. */
export function askRepo(
    { account, host }: PublishPlan,
    text: string,
    problem: string | undefined,
): Thenable<string | undefined> {
    let refused = problem === undefined ? undefined : text;
    return window.showInputBox({
        title: `Publish (2/3): Repository on ${host}`,
        prompt: `Of ${account} or an organization of yours; it is made when it is not there`,
        value: text,
        valueSelection: [text.indexOf("/") + 1, text.length],
        ignoreFocusOut: true,
        validateInput: (value) => {
            if (value === refused) return problem;
            refused = undefined;
            return /^(?:[\w.-]{1,96}\/)?[\w.-]{1,96}$/.test(value.trim())
                ? undefined
                : "OWNER/NAME of letters, digits, dashes, dots and underscores";
        },
    });
}

export interface Way {
    private?: boolean | undefined;
    pullRequest?: boolean | undefined;
}

/** Private or public for a repository that is made; a commit or a pull request for one that is there. */
export function askWay(plan: PublishPlan): Promise<Way | undefined> {
    const { repo, exists } = plan;
    const kind = plan.private ? "private" : "public";
    const rows: PickRow<Way>[] = exists
        ? [
              {
                  label: "$(git-commit) Commit",
                  description: `onto the main branch of the ${kind} repository`,
                  value: { pullRequest: false },
              },
              {
                  label: "$(git-pull-request) Pull Request",
                  description: `in the ${kind} repository, to be merged on its page`,
                  value: { pullRequest: true },
              },
          ]
        : [
              {
                  label: "$(lock) Private",
                  description: "only you, or your organization; can be made public on its page",
                  value: { private: true },
              },
              {
                  label: "$(globe) Public",
                  description: "everybody can see and download it",
                  value: { private: false },
              },
          ];
    return pickOne({
        title: exists ? `Publish (3/3): How to ${repo}` : `Publish (3/3): Who Sees ${repo}`,
        placeholder: "Everything is shown once more before it goes",
        rows,
    });
}
