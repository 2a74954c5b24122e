/**
 * `Ingot: Record This Moment...`: what a person sees at the cursor now, with all that led to it, as a file for `npm run bench -- replay`.
 * Nothing is written before a folder was chosen, and nothing at all of files that hold secrets.
 */

import { join } from "node:path";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { ProgressLocation, Uri, window, workspace, type TextEditor } from "vscode";
import { AppError } from "../../base/errors";
import { isSecretFile } from "../../completion/gates";
import { makeMoment, type Moment } from "../../completion/moment";
import type { CompletionDocument } from "../../completion/request";
import type { OutcomeRecord } from "../../completion/records";
import type { CompletionSession } from "../../completion/session";
import { SERVED_SCHEMES, takeSnapshot } from "../completion/snapshot";
import type { Modes } from "../modes";
import { pickOne } from "../models/pick";
import type { Notify } from "../notify";
import { isOvertaken } from "./outcomes";

export interface MomentOptions {
    session: CompletionSession;
    modes: Modes;
    notify: Notify;
    extensionVersion: string;
}

/** `folder`: instead of asking for one. Returns the file's path; undefined when the choice was closed. */
export async function recordMoment(
    options: MomentOptions,
    editor: TextEditor | undefined,
    folder: unknown,
): Promise<string | undefined> {
    if (!editor || !SERVED_SCHEMES.includes(editor.document.uri.scheme))
        throw new AppError(
            "user/usage",
            "There is no editor to record; put the cursor where a suggestion should be first",
        );
    const { document, selection } = editor;
    const snapshot = takeSnapshot(document, selection.active);
    if (isSecretFile(snapshot.path))
        throw new AppError(
            "user/usage",
            "The name of this file says that it holds secrets, so it is not recorded; try another file",
        );
    const record = recordAt(options.session, snapshot) ?? (await askNow(options.session, snapshot));
    const target =
        typeof folder === "string" ? folder : await chooseFolder(document.uri, snapshot.path);
    if (target === undefined) return undefined;
    const { languageId, uri } = document;
    const now = new Date();
    const moment = makeMoment({
        document: snapshot,
        settings: options.modes.for({ languageId, uri }),
        record,
        call: record.call === undefined ? undefined : options.session.call(record.call),
        ingot: options.extensionVersion,
        recorded: now.toISOString(),
    });
    const file = write(target, fileName(snapshot.path, now), moment);
    await window.showTextDocument(Uri.file(file));
    const { text, isWhole } = moment.document;
    const what = isWhole ? "all" : "a part";
    void options.notify.info(
        `The moment is recorded. The file holds ${what} of ${snapshot.path} (${text.length} characters), the prompt and the answer: read it before you share it`,
    );
    return file;
}

/** The last thing that was said at this very place of this very text. */
function recordAt(
    session: CompletionSession,
    { uri, version, position }: CompletionDocument,
): OutcomeRecord | undefined {
    return session
        .outcomes()
        .findLast(
            (record) =>
                record.uri === uri &&
                record.version === version &&
                record.position?.line === position?.line &&
                record.position?.character === position?.character &&
                !isOvertaken(record),
        );
}

async function askNow(
    session: CompletionSession,
    document: CompletionDocument,
): Promise<OutcomeRecord> {
    const asking = { location: ProgressLocation.Window, title: "Ingot: asking at the cursor" };
    const outcome = await window.withProgress(asking, () =>
        session.request(document, { trigger: "automatic" }),
    );
    const record = session.outcomes().findLast((candidate) => candidate.outcome === outcome);
    if (!record) throw new Error("An outcome was not recorded");
    return record;
}

async function chooseFolder(document: Uri, path: string): Promise<string | undefined> {
    const home = workspace.getWorkspaceFolder(document) ?? workspace.workspaceFolders?.[0];
    const own = home && join(home.uri.fsPath, ".ingot", "moments");
    const picked = await pickOne<"own" | "other">({
        title: "Record This Moment",
        placeholder: `The file will hold code of ${path}. Where shall it be?`,
        rows: [
            ...(own === undefined
                ? []
                : [
                      {
                          label: "$(folder) .ingot/moments",
                          description: "in the workspace",
                          detail: own,
                          value: "own" as const,
                      },
                  ]),
            { label: "$(folder-opened) Choose a Folder...", value: "other" as const },
        ],
    });
    if (picked !== "other") return picked && own;
    const chosen = await window.showOpenDialog({
        title: "Folder for the moment",
        openLabel: "Record Here",
        canSelectFiles: false,
        canSelectFolders: true,
    });
    return chosen?.[0]?.fsPath;
}

/** `2026-11-26T12-51-03-basket.ts.json`. */
function fileName(path: string, now: Date): string {
    const name = (path.split("/").at(-1) ?? "").replace(/[^\w.-]/g, "_");
    return `${now.toISOString().slice(0, 19).replaceAll(":", "-")}-${name}.json`;
}

function write(folder: string, name: string, moment: Moment): string {
    const file = join(folder, name);
    try {
        mkdirSync(folder, { recursive: true });
        writeFileSync(`${file}.part`, `${JSON.stringify(moment, undefined, 2)}\n`);
        renameSync(`${file}.part`, file);
        return file;
    } catch (cause) {
        const { code = "unknown" } = cause as NodeJS.ErrnoException;
        throw new AppError(
            "env/permission",
            `The moment cannot be written to ${folder} (${code}); choose another folder`,
            { cause },
        );
    }
}
