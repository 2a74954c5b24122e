/** The commands of the chat. */

import { COMMAND } from "../manifest";
import type { ChatView } from "./view";

export function chatCommands(chat: ChatView) {
    return {
        [COMMAND.openChat]: () => chat.focus(),
        [COMMAND.newChat]: async () => {
            chat.newChat();
            await chat.focus();
        },
        [COMMAND.chatHistory]: () => chat.pickChat(),
        [COMMAND.renameChat]: () => chat.renameChat(),
        [COMMAND.exportChat]: () => chat.exportChat(),
        [COMMAND.deleteChat]: () => chat.deleteChat(),
        [COMMAND.stopChat]: () => chat.stop(),
        [COMMAND.askAboutSelection]: () => chat.askAboutSelection(),
    };
}
