/**
 * The chat page: takes the state from the host, shows it, and reports what the person does. Holds no conversation of its own; only
 * the draft is kept here.
 */

import { Channel } from "../protocol/channel";
import type { ChatHostSide, ChatTurn, ChatViewSide, ChatViewState } from "../protocol/webview";
import { Composer } from "./composer";
import { element, iconButton } from "./dom";
import { openHost } from "./port";
import { Follow } from "./scroll";
import { asSentence, Turns } from "./turns";

const SELECT_MODEL = "ingot.selectModel";

const host = openHost();
const root = document.getElementById("chat") ?? document.body.appendChild(element("main"));
const log = element("div", {
    class: "log",
    role: "log",
    "aria-live": "polite",
    "aria-label": "Conversation",
    tabindex: "0",
});
const welcome = element("section", { class: "welcome", "aria-label": "New chat" });
const activity = element("div", { class: "activity", role: "status", "aria-live": "polite" });
const problem = element("div", { class: "problem", role: "alert" });
let shownTurns: readonly ChatTurn[] = [];
let shownConversation: string | undefined;
let isBusy = false;

const channel = new Channel<ChatViewSide, ChatHostSide>(host.port, {
    build: __BUILD__,
    handlers: {},
    listeners: {
        state: paint,
        append: ({ id, text }) => {
            turns.append(id, text);
            follow.follow();
        },
        activity: ({ text }) => paintActivity(text),
        chips: ({ chips, suggestions }) => {
            composer.setChips(chips);
            paintSuggestions(suggestions);
        },
        focus: () => composer.focus(),
    },
});

/** Requests answer nothing; one that fails is the host's to show. */
function ask<K extends keyof ChatHostSide["requests"]>(
    method: K,
    params: ChatHostSide["requests"][K]["params"],
): void {
    channel.request(method, params as never).catch(() => undefined);
}

const turns = new Turns(log, {
    copy: (text) => ask("copy", { text }),
    insert: (text) => ask("insert", { text }),
    apply: (text) => ask("apply", { text }),
    retry: () => ask("retry", undefined),
    runCommand: (command) => ask("runCommand", { command }),
});
const composer = new Composer({
    send,
    stop: () => ask("stop", undefined),
    toggleChip: (id) => ask("toggleChip", { id }),
    lastQuestion: () => shownTurns.findLast((turn) => turn.role === "user")?.text,
    saveDraft: host.saveDraft,
    pickModel: () => ask("runCommand", { command: SELECT_MODEL }),
});
const toEnd = iconButton("arrow-down", "Scroll to the End", () => follow.toEnd());
toEnd.classList.add("to-end");
toEnd.hidden = true;
const follow = new Follow(log, (isAtEnd) => {
    toEnd.hidden = isAtEnd;
});

const suggestions = element("ul", { class: "suggestions", "aria-label": "Prompts to begin with" });
const welcomeTitle = element("h2");
const welcomeText = element("p", { text: "It runs on this computer; nothing is sent anywhere." });
welcome.append(welcomeTitle, welcomeText, suggestions);
log.append(welcome);
root.append(
    element("div", { class: "log-frame" }, log, toEnd),
    activity,
    problem,
    composer.element,
);

log.addEventListener("click", (event) => openLink(event.target));
log.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && openLink(event.target)) event.preventDefault();
});
document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !isBusy) return;
    event.preventDefault();
    ask("stop", undefined);
});

composer.text = host.draft();
channel.notify("ready", undefined);

function send(text: string): void {
    follow.toEnd();
    ask("send", { text });
}

function paint(state: ChatViewState): void {
    const isOther = shownConversation !== undefined && shownConversation !== state.conversation;
    shownConversation = state.conversation;
    shownTurns = state.turns;
    isBusy = state.busy;
    log.setAttribute("aria-busy", String(state.busy));
    welcome.hidden = state.turns.length > 0 || state.problem !== undefined;
    welcomeTitle.textContent = `Ask ${state.modelName}`;
    paintSuggestions(state.suggestions);
    turns.update(state.turns, state.modelName);
    paintProblem(state.problem);
    paintActivity(state.activity);
    composer.setModel(state.modelName);
    composer.setChips(state.chips);
    composer.setBusy(state.busy);
    if (isOther) follow.toEnd();
    else follow.follow();
}

function paintActivity(text: string | undefined): void {
    if (activity.textContent !== (text ?? "")) activity.textContent = text ?? "";
    activity.hidden = text === undefined;
}

function paintProblem(given: ChatViewState["problem"]): void {
    problem.hidden = given === undefined;
    composer.element.hidden = given !== undefined;
    problem.replaceChildren();
    if (!given) return;
    const button = element("button", { class: "button", type: "button", text: given.action });
    button.addEventListener("click", () => ask("runCommand", { command: given.command }));
    problem.append(element("p", { text: asSentence(given.text) }), button);
}

function paintSuggestions(prompts: readonly string[]): void {
    suggestions.replaceChildren(
        ...prompts.map((prompt) => {
            const button = element("button", { class: "suggestion", type: "button", text: prompt });
            button.addEventListener("click", () => {
                composer.focus();
                send(prompt);
            });
            return element("li", {}, button);
        }),
    );
}

/** True when the target was a link, which the host opens after asking. */
function openLink(target: EventTarget | null): boolean {
    const link = target instanceof Element ? target.closest("a[data-address]") : null;
    const href = link instanceof HTMLElement ? link.dataset["address"] : undefined;
    if (href === undefined) return false;
    ask("openLink", { href });
    return true;
}
