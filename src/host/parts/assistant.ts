/** Loaded at first use: what a person asks the model. The chat in the side bar, edits under review, and what `assist.ts` has beside them. */

import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { Assist } from "../assist";
import { codebaseAttachment } from "../codebase/attachment";
import { makeCodebase } from "../codebase/make";
import { Catalog } from "../models/catalog";
import { chatCommands } from "../chat/commands";
import { ChatView } from "../chat/view";
import type { CommandsOf } from "../commands";
import { SourceFiles } from "../context/sourceFiles";
import type { Core } from "../core";
import { Edits } from "../edit/edits";
import { SavedReviews } from "../edit/savedReviews";
import { REVIEWS_FOLDER } from "../leftovers";
import { mendingButton } from "../notify";

export class Assistant implements Disposable {
    private readonly store = new DisposableStore();
    private readonly edits: Edits;
    readonly chat: ChatView;
    readonly assist: Assist;
    readonly commands: CommandsOf<"assistant">;

    constructor(private readonly core: Core) {
        const { context, engine, settings, notify, log } = core;
        const { store } = this;
        const model = () => core.chatModel();
        const files = store.add(new SourceFiles(settings));
        this.edits = store.add(this.makeEdits(files));
        const codebase = makeCodebase(
            {
                entry: context.asAbsolutePath("dist/indexer.mjs"),
                folder: core.folder("codebase"),
                files,
                engine,
                catalog: new Catalog({ config: () => settings.current, serving: core.serving }),
                log: log.child("codebase"),
                writeLog: (entry) => core.logging.write(entry),
            },
            (part) => store.add(part),
        );
        const { applying } = this.edits;
        this.chat = store.add(
            new ChatView({
                extensionUri: context.extensionUri,
                build: __BUILD__,
                log: log.child("chat"),
                engine,
                model,
                onDidChangeModel: core.modelsChanged.event,
                folder: core.folder("chats"),
                lastChat: () => core.state.lastChat,
                setLastChat: (id) => void core.state.setLastChat(id),
                files,
                terminals: core.terminals,
                lastEditor: core.lastEditor,
                codebase: codebaseAttachment(codebase),
                confirm: (question, yes, detail) => notify.confirm(question, yes, detail),
                showError: (error) => void notify.error(error),
                applyCode: (editor, code, fence) => applying.apply(editor, code, fence),
                mend: mendingButton,
            }),
        );
        const { chat } = this;
        this.assist = store.add(
            new Assist({ engine, model, chat, applying, codebase, files, log }),
        );
        this.commands = {
            ...this.assist.commands,
            ...chatCommands(chat),
            ...this.edits.commands(),
        };
    }

    /** Writes what is not on the disk yet. Never rejects. */
    async save(): Promise<void> {
        await Promise.all([this.chat.save(), this.edits.save()]);
    }

    dispose(): void {
        this.store.dispose();
    }

    private makeEdits(files: SourceFiles): Edits {
        const { engine, syntax, notify, state, log } = this.core;
        return new Edits({
            source: engine,
            syntax,
            files,
            log: log.child("edit"),
            model: () => this.core.chatModel(),
            history: {
                read: () => state.editInstructions,
                write: (instructions) => void state.setEditInstructions(instructions),
            },
            notify,
            saved: new SavedReviews({
                folder: this.core.folder(REVIEWS_FOLDER),
                log: log.child("edit"),
                now: Date.now,
            }),
        });
    }
}
