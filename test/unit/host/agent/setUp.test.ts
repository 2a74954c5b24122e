// The step without signing in: it has ended when VS Code's agents are there.
import { beforeEach, expect, it, vi } from "vitest";

const state = vi.hoisted(() => ({
    done: [] as string[],
    result: true,
    agents: undefined as { activate: () => Promise<void> } | undefined,
    changed: () => {},
}));
vi.mock("vscode", () => ({
    ProgressLocation: { Notification: 15 },
    commands: {
        executeCommand: (name: string) => {
            state.done.push(name.split(".").at(-1) ?? "");
            return name.endsWith("open") ? Promise.resolve() : Promise.resolve(state.result);
        },
    },
    extensions: {
        getExtension: () => state.agents,
        onDidChange: (listener: () => void) => {
            state.changed = listener;
            return { dispose: () => state.done.push("disposed") };
        },
    },
    window: {
        withProgress: (_: unknown, task: () => Promise<void>) => task(),
        showWarningMessage: (text: string) => Promise.resolve(state.done.push(text.slice(24, 40))),
        showInformationMessage: (text: string) =>
            Promise.resolve(state.done.push(text.slice(0, 29))),
    },
}));
const { setUpAgent } = await import("../../../../src/host/agent/setUp");

beforeEach(() => Object.assign(state, { done: [], result: true, agents: undefined }));
const SET_UP = "triggerSetupAnonymousWithoutDialog";
const turns = () => new Promise<void>((resolve) => setImmediate(resolve));

it("waits for the agents, which come after VS Code's own step", async () => {
    let started = () => {};
    const isStarted = new Promise<void>((resolve) => (started = resolve));
    const setUp = setUpAgent();
    await turns();
    expect(state.done).toEqual([SET_UP]);
    state.agents = { activate: () => isStarted };
    state.changed();
    await turns();
    expect(state.done).toEqual([SET_UP]);
    started();
    await setUp;
    expect(state.done).toEqual([SET_UP, "disposed", "open", "VS Code's Chat is set up: cho"]);
});

it("says so when they cannot start", async () => {
    state.agents = { activate: () => Promise.reject(new Error("no")) };
    await setUpAgent();
    expect(state.done).toEqual([SET_UP, "disposed", "open", ", but GitHub Cop"]);
});

it("says what to do where there is no such step", async () => {
    state.result = false;
    await expect(setUpAgent()).rejects.toMatchObject({ code: "user/setting" });
    expect(state.done).toEqual([SET_UP]);
});
