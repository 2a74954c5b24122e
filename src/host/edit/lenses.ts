/** The buttons above each change: accept, reject, and above the first one also all; while an answer is written, what happens and Stop. */

import { CodeLens, Range, type CodeLensProvider, type TextDocument } from "vscode";
import { Emitter } from "../../base/event";
import type { Disposable } from "../../base/lifecycle";
import { COMMAND } from "../manifest";
import type { ReviewSession } from "./reviewSession";

export interface Lensed {
    session: ReviewSession;
    /** What is happening while it is written. */
    activity: string | undefined;
}

export class ReviewLenses implements CodeLensProvider, Disposable {
    private readonly changed = new Emitter<void>();
    readonly onDidChangeCodeLenses = this.changed.event;

    constructor(private readonly of: (document: TextDocument) => Lensed | undefined) {}

    refresh(): void {
        this.changed.fire();
    }

    provideCodeLenses(document: TextDocument): CodeLens[] {
        const found = this.of(document);
        if (!found) return [];
        const { session, activity } = found;
        const place = (line: number) => {
            const at = Math.max(0, Math.min(line, document.lineCount - 1));
            return new Range(at, 0, at, 0);
        };
        if (session.state === "writing")
            return [
                new CodeLens(place(session.line), {
                    title: `$(loading~spin) ${activity ?? "Editing"}`,
                    command: "",
                }),
                lens(place(session.line), "Stop", COMMAND.rejectAllChanges, []),
            ];
        if (session.state !== "reviewing") return [];
        const { pending } = session;
        return pending.flatMap(({ id, line }, i) => {
            const range = place(line);
            const count = pending.length > 1 ? ` ${i + 1} of ${pending.length}` : "";
            const uri = document.uri.toString();
            const own = [
                lens(range, `$(check)\u00a0Accept${count}`, COMMAND.acceptChange, [uri, id]),
                lens(range, "$(close)\u00a0Reject", COMMAND.rejectChange, [uri, id]),
            ];
            if (i > 0 || pending.length === 1) return own;
            return [
                ...own,
                lens(range, "Accept All", COMMAND.acceptAllChanges, [uri]),
                lens(range, "Reject All", COMMAND.rejectAllChanges, [uri]),
            ];
        });
    }

    dispose(): void {
        this.changed.dispose();
    }
}

function lens(range: Range, title: string, command: string, given: unknown[]): CodeLens {
    return new CodeLens(range, { title, command, arguments: given });
}
