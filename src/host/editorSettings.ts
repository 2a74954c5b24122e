/** VS Code's settings as the source of `config.ts`, and the few places where Ingot writes one. */

import { ConfigurationTarget, workspace, type Uri } from "vscode";
import type { ConfigScope, ConfigSource, Setting } from "./config";

const SECTION = "ingot";

export const editorSettings: ConfigSource = {
    open(scope) {
        const section = workspace.getConfiguration(SECTION, toScope(scope));
        return (key) => section.get(key);
    },
    onDidChange: (listener) =>
        workspace.onDidChangeConfiguration((event) => {
            listener((key) => event.affectsConfiguration(`${SECTION}.${key}`));
        }),
};

/**
 * Writes where the value in force comes from (folder, workspace, user), so that the change takes effect. `languageId`: writes the
 * language's override. `undefined` removes the value.
 */
export async function writeSetting<T>(
    setting: Setting<T>,
    value: T | undefined,
    scope?: ConfigScope,
    languageId?: string,
): Promise<void> {
    const section = workspace.getConfiguration(SECTION, toScope(scope));
    const found = section.inspect(setting.key);
    const target =
        found?.workspaceFolderValue !== undefined
            ? ConfigurationTarget.WorkspaceFolder
            : found?.workspaceValue !== undefined
              ? ConfigurationTarget.Workspace
              : ConfigurationTarget.Global;
    await section.update(setting.key, value, target, languageId !== undefined);
}

function toScope(scope: ConfigScope | undefined): { languageId: string; uri?: Uri } | undefined {
    if (!scope) return undefined;
    const { languageId, uri } = scope;
    return uri ? { languageId, uri: uri as Uri } : { languageId };
}
