/**
 * The last command of each terminal with its output. VS Code's stable API tells it only while the command runs and only where shell
 * integration works; text that is selected in a terminal cannot be had.
 */

import { window, type Terminal, type TerminalShellExecution } from "vscode";
import { DisposableStore, type Disposable } from "../../../base/lifecycle";
import { plainOutput } from "./plainOutput";

export interface TerminalRun {
    command: string;
    output: string;
    /** Undefined: it still runs, or the shell does not say. */
    exitCode: number | undefined;
}

interface Recorded extends Omit<TerminalRun, "output"> {
    raw: string;
}

const MAX_CHARACTERS = 20_000;

export class TerminalLog implements Disposable {
    private readonly store = new DisposableStore();
    private readonly runs = new Map<Terminal, Recorded>();
    private readonly current = new WeakMap<TerminalShellExecution, Recorded>();

    constructor() {
        const { store, runs } = this;
        store.add(
            window.onDidStartTerminalShellExecution(({ terminal, execution }) => {
                void this.follow(terminal, execution);
            }),
        );
        store.add(
            window.onDidEndTerminalShellExecution(({ execution, exitCode }) => {
                const run = this.current.get(execution);
                if (run) run.exitCode = exitCode;
            }),
        );
        store.add(window.onDidCloseTerminal((terminal) => runs.delete(terminal)));
    }

    /** Of the active terminal, else of the one that ran something last. */
    get last(): TerminalRun | undefined {
        const { activeTerminal } = window;
        const active = activeTerminal && this.runs.get(activeTerminal);
        const run = active ?? [...this.runs.values()].at(-1);
        if (!run) return undefined;
        const { command, exitCode, raw } = run;
        return { command, exitCode, output: plainOutput(raw) };
    }

    dispose(): void {
        this.store.dispose();
    }

    private async follow(terminal: Terminal, execution: TerminalShellExecution): Promise<void> {
        const { value: command } = execution.commandLine;
        const run: Recorded = { command, raw: "", exitCode: undefined };
        this.current.set(execution, run);
        // The newest is the last one.
        this.runs.delete(terminal);
        this.runs.set(terminal, run);
        for await (const data of execution.read())
            run.raw = (run.raw + data).slice(-MAX_CHARACTERS);
    }
}
