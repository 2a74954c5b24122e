/** Tests out of an answer as a new, unsaved file with the name that the language's tests have. */

import { Uri, window, workspace } from "vscode";
import type { AnswerTarget } from "./target";
import { testPathFor } from "./testPath";

export async function openTestFile(
    { uri, languageId }: Pick<AnswerTarget, "uri" | "languageId">,
    code: string,
): Promise<void> {
    const source = Uri.parse(uri);
    const path = source.scheme === "file" ? testPathFor(source.path, languageId) : undefined;
    const file = path === undefined ? undefined : source.with({ path });
    const isFree =
        file !== undefined &&
        (await workspace.fs.stat(file).then(
            () => false,
            () => true,
        ));
    const document = isFree
        ? await workspace.openTextDocument(file.with({ scheme: "untitled" }))
        : await workspace.openTextDocument({ language: languageId });
    const editor = await window.showTextDocument(document);
    await editor.edit((builder) =>
        builder.insert(document.lineAt(document.lineCount - 1).range.end, `${code.trimEnd()}\n`),
    );
}
