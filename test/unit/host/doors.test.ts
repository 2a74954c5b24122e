// The doors to what is loaded later: who comes through loads that part and no other, and what cannot be loaded is shown.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../src/base/errors";
import type { Core } from "../../../src/host/core";
import { openDoors } from "../../../src/host/doors";
import { COMMAND, TOOL, VIEW } from "../../../src/host/manifest";
import type { Parts } from "../../../src/host/parts";

type Registered = (...args: unknown[]) => Promise<unknown>;
interface Tool {
    invoke: Registered;
}
interface ViewProvider {
    resolveWebviewView: Registered;
}

interface Seen {
    commands: Map<string, unknown>;
    tools: Map<string, unknown>;
    views: Map<string, unknown>;
    editors: Map<string, unknown>;
    participant: unknown;
    models: unknown;
}

const seen = vi.hoisted((): Seen => ({
    commands: new Map(),
    tools: new Map(),
    views: new Map(),
    editors: new Map(),
    participant: undefined,
    models: undefined,
}));
vi.mock("vscode", () => {
    const nothing = { dispose: () => undefined };
    const keep = (map: Map<string, unknown>) => (id: string, value: unknown) => {
        map.set(id, value);
        return nothing;
    };
    return {
        CodeActionKind: { QuickFix: {}, Refactor: { append: () => ({}) } },
        Uri: { joinPath: () => ({}) },
        chat: {
            createChatParticipant: (_: string, handler: unknown) => {
                seen.participant = handler;
                return { ...nothing };
            },
        },
        commands: { registerCommand: keep(seen.commands) },
        languages: { registerCodeActionsProvider: () => nothing },
        lm: {
            registerLanguageModelChatProvider: (_: string, provider: unknown) => {
                seen.models = provider;
                return nothing;
            },
            registerTool: keep(seen.tools),
        },
        window: {
            registerWebviewViewProvider: keep(seen.views),
            registerCustomEditorProvider: keep(seen.editors),
        },
    };
});

function house() {
    const open = vi.fn();
    const settle = vi.fn(() => "settled");
    const invoke = vi.fn(() => "found");
    const answer = vi.fn(() => ({ metadata: {} }));
    const assistant = {
        chat: { open },
        assist: { tools: { search: { invoke } }, answer },
        commands: { [COMMAND.acceptChange]: settle },
    };
    const library = {
        agent: { provideLanguageModelChatInformation: () => ["model"] },
        commands: {},
    };
    const help = { commands: {} };
    const parts = {
        assistant: { get: vi.fn(() => Promise.resolve(assistant)) },
        library: { get: vi.fn(() => Promise.resolve(library)) },
        help: { get: vi.fn(() => Promise.resolve(help)) },
    };
    const error = vi.fn();
    const fire = vi.fn();
    const core = {
        notify: { error },
        context: { extensionUri: {} },
        agentListChanged: { event: () => undefined, fire },
    };
    openDoors(core as unknown as Core, parts as unknown as Parts);
    const nLoads = () =>
        [parts.assistant, parts.library, parts.help].map(({ get }) => get.mock.calls.length);
    return { parts, nLoads, open, settle, invoke, answer, error, fire };
}

beforeEach(() => {
    for (const map of [seen.commands, seen.tools, seen.views]) map.clear();
});

describe("the doors", () => {
    it("load nothing by themselves, and tell VS Code of everything", () => {
        const { nLoads, fire } = house();
        expect(nLoads()).toEqual([0, 0, 0]);
        for (const id of Object.values(COMMAND)) expect(seen.commands.has(id), id).toBe(true);
        expect([...seen.tools.keys()].sort()).toEqual(Object.values(TOOL).sort());
        expect([...seen.views.keys()]).toEqual([VIEW.chat]);
        // VS Code asks nobody for models who does not say that there are some.
        expect(fire).toHaveBeenCalledTimes(1);
    });

    it("lead to the part that a command, a tool or a question is for", async () => {
        const { nLoads, settle, invoke, answer } = house();
        const accept = seen.commands.get(COMMAND.acceptChange) as Registered;
        expect(await accept("file:///a", 1)).toBe("settled");
        expect(settle).toHaveBeenCalledExactlyOnceWith("file:///a", 1);
        const search = seen.tools.get(TOOL.search) as Tool;
        expect(await search.invoke({ input: {} }, "token")).toBe("found");
        expect(invoke).toHaveBeenCalledExactlyOnceWith({ input: {} }, "token");
        const ask = seen.participant as Registered;
        await ask("request", "context", "stream", "token");
        expect(answer).toHaveBeenCalledTimes(1);
        expect(nLoads()).toEqual([3, 0, 0]);
        const models = seen.models as { provideLanguageModelChatInformation: Registered };
        expect(await models.provideLanguageModelChatInformation()).toEqual(["model"]);
        expect(nLoads()).toEqual([3, 1, 0]);
    });

    it("show what could not be loaded", async () => {
        const { parts, error } = house();
        const failure = new AppError("bug/internal", "This part of Ingot could not be loaded");
        parts.help.get.mockRejectedValueOnce(failure);
        const report = seen.commands.get(COMMAND.report) as Registered;
        expect(await report()).toBeUndefined();
        expect(error).toHaveBeenCalledExactlyOnceWith(failure);
    });
});

describe("the door to the chat", () => {
    function view() {
        let gone: () => void = () => undefined;
        return {
            webview: { html: "" },
            onDidDispose: (listener: () => void) => {
                gone = listener;
                return { dispose: () => undefined };
            },
            close: () => gone(),
        };
    }
    const resolve = (shown: unknown) =>
        (seen.views.get(VIEW.chat) as ViewProvider).resolveWebviewView(shown);

    it("opens the view that VS Code shows", async () => {
        const { open } = house();
        const shown = view();
        await resolve(shown);
        expect(open).toHaveBeenCalledExactlyOnceWith(shown);
    });

    it("leaves alone a view that was closed while the chat was loaded", async () => {
        const { open } = house();
        const shown = view();
        const done = resolve(shown);
        shown.close();
        await done;
        expect(open).not.toHaveBeenCalled();
    });

    it("says why a view stays empty", async () => {
        const { parts, open, error } = house();
        parts.assistant.get.mockRejectedValueOnce(new AppError("bug/internal", "not loaded"));
        const shown = view();
        await resolve(shown);
        expect(open).not.toHaveBeenCalled();
        expect(error).toHaveBeenCalledTimes(1);
        expect(shown.webview.html).toContain("reload the window");
    });
});
