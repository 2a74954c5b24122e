/**
 * What VS Code must know of the parts from the start: the view, `@ingot`, the tools, the models of VS Code's own Chat, the light bulb. Each
 * is a door: what is behind it is loaded when somebody comes through.
 */

import {
    chat,
    commands,
    lm,
    Uri,
    window,
    type LanguageModelChatProvider,
    type WebviewPanel,
} from "vscode";
import { DisposableStore, type Disposable } from "../base/lifecycle";
import { VENDOR } from "./agent/choice";
import type { AgentModel } from "./agent/models";
import { registerCommands, shown } from "./commands";
import type { Core } from "./core";
import {
    APPLY_ANSWER_COMMAND,
    COMPARISON_EDITOR,
    GGUF_EDITOR,
    PARTICIPANT,
    TOOL,
    USE_MESSAGE_COMMAND,
    VIEW,
} from "./manifest";
import type { Parts } from "./parts";
import type { Library } from "./parts/library";
import { registerActions } from "./slash/codeActions";

export function openDoors(core: Core, parts: Parts): Disposable {
    const store = new DisposableStore();
    const { notify } = core;
    store.add(registerCommands(async (part) => (await parts[part].get()).commands, notify));
    const answerButtons = {
        [APPLY_ANSWER_COMMAND]: async (target: unknown, code: unknown, fence: unknown) =>
            (await assist(parts)).apply(target, code, fence),
        [USE_MESSAGE_COMMAND]: async (root: unknown, message: unknown) =>
            (await assist(parts)).useMessage(root, message),
    };
    for (const [id, work] of Object.entries(answerButtons))
        store.add(commands.registerCommand(id, shown(work, notify)));
    store.add(
        window.registerWebviewViewProvider(VIEW.chat, {
            resolveWebviewView: (view) =>
                fill(
                    view,
                    core,
                    "The chat could not be loaded; reload the window.",
                    () => parts.assistant.get(),
                    ({ chat }) => chat.open(view),
                ),
        }),
    );
    const addEditor = (
        id: string,
        failed: string,
        show: (library: Library, uri: Uri, panel: WebviewPanel) => void,
    ) =>
        store.add(
            window.registerCustomEditorProvider(
                id,
                {
                    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
                    resolveCustomEditor: ({ uri }, panel) =>
                        fill(
                            panel,
                            core,
                            failed,
                            () => parts.library.get(),
                            (library) => show(library, uri, panel),
                        ),
                },
                { supportsMultipleEditorsPerDocument: true },
            ),
        );
    addEditor(
        COMPARISON_EDITOR,
        "The comparison could not be shown; open it again.",
        ({ comparisons }, uri, panel) => comparisons.open(uri, panel),
    );
    addEditor(
        GGUF_EDITOR,
        "The file could not be shown; open it again.",
        ({ inspector }, uri, panel) => inspector.openFile(uri, panel),
    );
    store.add(registerParticipant(core, parts));
    for (const name of Object.keys(TOOL) as (keyof typeof TOOL)[])
        store.add(registerTool(name, parts));
    store.add(lm.registerLanguageModelChatProvider(VENDOR, agentProvider(core, parts)));
    // VS Code asks nobody for models who does not say that there are some.
    core.agentListChanged.fire();
    store.add(registerActions());
    return store;
}

async function assist(parts: Parts) {
    return (await parts.assistant.get()).assist;
}

/** Its content, and its end. */
type Place = Pick<WebviewPanel, "webview" | "onDidDispose">;

/**
 * Loads what is shown in a view or a tab, which can be gone before that is here. VS Code asks for the content once: where it cannot be had,
 * `failed` stands there.
 */
async function fill<T>(
    place: Place,
    { notify }: Core,
    failed: string,
    load: () => Promise<T>,
    show: (part: T) => void,
): Promise<void> {
    let isGone = false;
    const gone = place.onDidDispose(() => {
        isGone = true;
    });
    try {
        const part = await load();
        if (!isGone) show(part);
    } catch (error) {
        if (!isGone) place.webview.html = `<p>${failed}</p>`;
        void notify.error(error);
    } finally {
        gone.dispose();
    }
}

function registerParticipant({ context }: Core, parts: Parts): Disposable {
    const participant = chat.createChatParticipant(
        PARTICIPANT.id,
        async (request, context, stream, token) =>
            (await assist(parts)).answer({ request, context, stream, token }),
    );
    participant.iconPath = Uri.joinPath(context.extensionUri, "media", "ingot.svg");
    participant.followupProvider = {
        provideFollowups: async ({ metadata }) =>
            (await assist(parts)).followUps(metadata?.["command"]),
    };
    return participant;
}

function registerTool(name: keyof typeof TOOL, parts: Parts): Disposable {
    const tool = async () => (await assist(parts)).tools[name];
    return lm.registerTool<object>(TOOL[name], {
        invoke: async (options, token) => (await tool()).invoke(options, token),
        prepareInvocation: async (options) => (await tool()).prepareInvocation(options),
    });
}

function agentProvider(core: Core, parts: Parts): LanguageModelChatProvider<AgentModel> {
    const agent = async () => (await parts.library.get()).agent;
    return {
        onDidChangeLanguageModelChatInformation: core.agentListChanged.event,
        provideLanguageModelChatInformation: async () =>
            (await agent()).provideLanguageModelChatInformation(),
        provideLanguageModelChatResponse: async (...given) =>
            (await agent()).provideLanguageModelChatResponse(...given),
        provideTokenCount: async (...given) => (await agent()).provideTokenCount(...given),
    };
}
