/**
 * The entries of the light bulb: fix what the compiler says, explain, document, test. They only name a command and a place; what is
 * asked is the table's. Offered where there is something to work on, so that the bulb is not on every line.
 */

import {
    CodeAction,
    CodeActionKind,
    languages,
    Range,
    type CodeActionContext,
    type CodeActionProvider,
    type Disposable,
    type TextDocument,
} from "vscode";
import { isSecretFile } from "../../completion/gates";
import { SERVED_SCHEMES } from "../completion/snapshot";
import { COMMAND, type CommandId } from "../manifest";
import { actionsFor, type ActionName } from "./actions";
import { declaredName } from "./symbolAround";

export const ACTION_COMMAND: Readonly<Record<ActionName, CommandId>> = {
    fix: COMMAND.fix,
    explain: COMMAND.explain,
    doc: COMMAND.generateDoc,
    tests: COMMAND.generateTests,
};

const TITLES: Readonly<Record<ActionName, string>> = {
    fix: "Fix with Ingot",
    explain: "Explain with Ingot",
    doc: "Generate Documentation with Ingot",
    tests: "Generate Tests with Ingot",
};

export class IngotActions implements CodeActionProvider {
    provideCodeActions(
        document: TextDocument,
        range: Range,
        { diagnostics, only }: CodeActionContext,
    ): CodeAction[] {
        if (isSecretFile(document.uri.path)) return [];
        const names = actionsFor({
            nProblems: diagnostics.length,
            hasSelection: document.getText(range).trim() !== "",
            isDeclaration: declaredName(document.lineAt(range.start.line).text) !== undefined,
        });
        // A problem is marked on a word; what it is about is the function around it.
        const isMark = diagnostics.length > 0 && range.isSingleLine;
        const about = isMark ? new Range(range.start, range.start) : range;
        const actions = names.map((name) => {
            const isFix = name === "fix";
            const action = new CodeAction(
                TITLES[name],
                isFix ? CodeActionKind.QuickFix : CodeActionKind.Refactor.append("ingot"),
            );
            if (isFix) action.diagnostics = [...diagnostics];
            action.command = {
                title: TITLES[name],
                command: ACTION_COMMAND[name],
                arguments: [document.uri, about],
            };
            return action;
        });
        return actions.filter(({ kind }) => !only || (kind !== undefined && only.contains(kind)));
    }
}

export function registerActions(): Disposable {
    const kinds = [CodeActionKind.QuickFix, CodeActionKind.Refactor.append("ingot")];
    return languages.registerCodeActionsProvider(
        SERVED_SCHEMES.map((scheme) => ({ scheme })),
        new IngotActions(),
        { providedCodeActionKinds: kinds },
    );
}
