/**
 * The chat page: takes the state from the host, shows it, and reports what the person does. Holds no conversation of its own; only
 * the draft is kept here.
 */

import { Channel } from "../protocol/channel";
import type { ChatHostSide, ChatViewSide, ChatViewState, Suggestion } from "../protocol/webview";
import { Composer } from "./composer";
import { element, iconButton } from "./dom";
import { openHost } from "./port";
import { Announcer } from "./announcer";
import { asSentence } from "./foot";
import { Follow } from "./scroll";
import { Turns } from "./turns";

const SELECT_MODEL = "ingot.selectModel";
const HINT_MS = 8000;

const host = openHost();
const root = document.getElementById("chat") ?? document.body.appendChild(element("main"));
const log = element("div", {
    class: "log",
    role: "log",
    // An answer is told when it is complete, not word by word.
    "aria-live": "off",
    "aria-label": "Conversation",
    tabindex: "0",
});
const welcome = element("section", { class: "welcome", "aria-label": "New chat" });
const activity = element("div", { class: "activity", role: "status", "aria-live": "polite" });
const problem = element("div", { class: "problem", role: "alert" });
const announcer = new Announcer();
const hint = element("div", { class: "hint", role: "status", "aria-live": "polite" });
hint.hidden = true;
let hintTimer: ReturnType<typeof setTimeout> | undefined;
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
        usage: ({ usage }) => composer.setUsage(usage),
        hint: ({ text }) => showHint(text),
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
    apply: (text, language) => ask("apply", { text, language }),
    newFile: (text, language) => ask("newFile", { text, language }),
    toTerminal: (text) => ask("toTerminal", { text }),
    edit: (id, text) => {
        follow.toEnd();
        return channel.request("edit", { id, text }).catch(() => true);
    },
    selectVersion: (id, step) => ask("selectVersion", { id, step }),
    focusInput: () => composer.focus(),
    retry: () => ask("retry", undefined),
    runCommand: (command) => ask("runCommand", { command }),
    openSource: (id, at) => ask("openSource", { id, at }),
});
const composer = new Composer({
    send,
    stop: () => ask("stop", undefined),
    toggleChip: (id) => ask("toggleChip", { id }),
    removeChip: (id) => ask("removeChip", { id }),
    pinChip: (id) => ask("pinChip", { id }),
    suggest: (trigger, query) =>
        channel.request("suggest", { trigger, query }).catch((): Suggestion[] => []),
    choose: ({ id, kind }) => {
        if (kind !== "command") ask("choose", { id });
    },
    drop: (dropped) => ask("drop", dropped),
    refuse: showHint,
    editLast: () => turns.editLast(),
    saveDraft: (text) => {
        host.saveDraft(text);
        channel.notify("draft", { text });
    },
    pickModel: () => ask("runCommand", { command: SELECT_MODEL }),
});
/** A question that the host has not taken yet: whether it was asked. */
let sending: Promise<boolean | undefined> | undefined;
const earlier = element("button", { class: "earlier", type: "button" });
earlier.hidden = true;
earlier.addEventListener("click", () => ask("showEarlier", undefined));
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
log.append(welcome, earlier);
root.append(
    element("div", { class: "log-frame" }, log, toEnd),
    activity,
    problem,
    hint,
    composer.element,
    announcer.element,
);

log.addEventListener("click", (event) => openLink(event.target));
log.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && openLink(event.target)) event.preventDefault();
});
document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !(isBusy || sending)) return;
    event.preventDefault();
    if (isBusy) ask("stop", undefined);
    // The host is still putting the question together: what comes of it is stopped.
    else void sending?.then((isAsked) => (isAsked ? ask("stop", undefined) : undefined));
});

composer.text = host.draft();
channel.notify("ready", undefined);

function send(text: string): void {
    follow.toEnd();
    const asking = channel.request("send", { text }).catch(() => undefined);
    sending = asking;
    void asking.then((isAsked) => {
        if (sending === asking) sending = undefined;
        // Not lost, unless something else was typed meanwhile.
        if (isAsked === false && composer.text === "") composer.text = text;
    });
}

function paint(state: ChatViewState): void {
    const isOther = shownConversation !== undefined && shownConversation !== state.conversation;
    shownConversation = state.conversation;
    const wasBusy = isBusy;
    isBusy = state.busy;
    log.setAttribute("aria-busy", String(state.busy));
    welcome.hidden = state.turns.length > 0 || state.problem !== undefined;
    welcomeTitle.textContent = `Ask ${state.modelName}`;
    paintSuggestions(state.suggestions);
    paintEarlier(state.nEarlier);
    turns.update(state.turns, { modelName: state.modelName, isBusy });
    paintProblem(state.problem);
    paintActivity(state.activity);
    composer.setModel(state.modelName);
    composer.setChips(state.chips);
    composer.setBusy(state.busy);
    composer.setUsage(state.usage);
    const last = state.turns.at(-1);
    if (isBusy) announcer.clear();
    if (wasBusy && !isBusy && !isOther && last) announcer.tell(last, turns.textOf(last.id));
    if (isOther) follow.toEnd();
    else follow.follow();
}

function paintEarlier(nEarlier: number): void {
    earlier.hidden = nEarlier === 0;
    const text = `Show ${nEarlier === 1 ? "one earlier turn" : `earlier turns (${nEarlier})`}`;
    if (earlier.textContent !== text) earlier.textContent = text;
}

/** A sentence that goes by itself. */
function showHint(text: string): void {
    clearTimeout(hintTimer);
    hint.textContent = text;
    hint.hidden = false;
    hintTimer = setTimeout(() => {
        hint.hidden = true;
        hint.textContent = "";
    }, HINT_MS);
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
