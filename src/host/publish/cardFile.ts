/** The model card before it goes: a file of its own per repository, open in the editor, and what of it counts in the end. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Uri, ViewColumn, window, workspace } from "vscode";
import type { PublishPlan } from "../../protocol/publish";
import { pickOne } from "../models/pick";

export interface Card {
    /** Opens it beside the page. */
    show(isFocused: boolean): Promise<void>;
    /** As it stands, also what is not saved yet. */
    read(): Promise<string>;
}

/** Writes the proposed card. One that was edited for an earlier publication is not thrown away unasked. Undefined when the person stopped. */
export async function openCard(folder: string, plan: PublishPlan): Promise<Card | undefined> {
    const file = join(folder, plan.repo.replace("/", "--"), "README.md");
    const uri = Uri.file(file);
    const earlier = await textOf(uri);
    const isOther = earlier !== undefined && earlier !== plan.card;
    const isEarlier = isOther ? await askWhich(plan.repo) : false;
    if (isEarlier === undefined) return undefined;
    if (!isEarlier) await replace(uri, plan.card);
    return {
        show: async (isFocused) => {
            await window.showTextDocument(uri, {
                viewColumn: ViewColumn.Beside,
                preview: false,
                preserveFocus: !isFocused,
            });
        },
        read: async () => (await textOf(uri)) ?? plan.card,
    };
}

function openDocument(uri: Uri) {
    return workspace.textDocuments.find(
        (document) => document.uri.fsPath === uri.fsPath && !document.isClosed,
    );
}

/** Undefined when there is no such file. */
async function textOf(uri: Uri): Promise<string | undefined> {
    return openDocument(uri)?.getText() ?? readFile(uri.fsPath, "utf8").catch(() => undefined);
}

async function replace(uri: Uri, text: string): Promise<void> {
    // An editor that holds changes would keep them, and show them in place of the file.
    const document = openDocument(uri);
    if (document?.isDirty) await document.save();
    await mkdir(dirname(uri.fsPath), { recursive: true });
    await writeFile(uri.fsPath, text);
}

function askWhich(repo: string): Promise<boolean | undefined> {
    return pickOne({
        title: "Publish: Model Card",
        placeholder: `There is a card for ${repo} from an earlier time, and it differs`,
        rows: [
            {
                label: "$(new-file) New Card",
                description: "written from the files as they are now",
                value: false,
            },
            {
                label: "$(edit) Earlier Card",
                description: "as you have left it, to be edited on",
                value: true,
            },
        ],
    });
}
