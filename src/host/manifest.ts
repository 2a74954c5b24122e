/**
 * Every id that package.json contributes, as typed constants. `test/unit/host/manifest.test.ts` keeps both equal.
 * No logic, no vscode.
 */

export const EXTENSION_ID = "ingot.ingot";

export const COMMAND = {
    showActions: "ingot.showActions",
    selectModel: "ingot.selectModel",
    getModel: "ingot.getModel",
    convertModel: "ingot.convertModel",
    quantizeModel: "ingot.quantizeModel",
    makeImatrix: "ingot.makeImatrix",
    compareQuantizations: "ingot.compareQuantizations",
    inspectGguf: "ingot.inspectGguf",
    publish: "ingot.publish",
    useForCompletions: "ingot.useForCompletions",
    useForChat: "ingot.useForChat",
    revealModel: "ingot.revealModel",
    removeModel: "ingot.removeModel",
    setHubToken: "ingot.setHubToken",
    refreshModels: "ingot.refreshModels",
    cancelJob: "ingot.cancelJob",
    dismissJob: "ingot.dismissJob",
    openChat: "ingot.openChat",
    newChat: "ingot.newChat",
    chatHistory: "ingot.chatHistory",
    renameChat: "ingot.renameChat",
    exportChat: "ingot.exportChat",
    deleteChat: "ingot.deleteChat",
    setUpAgent: "ingot.setUpAgent",
    stopChat: "ingot.stopChat",
    askAboutSelection: "ingot.askAboutSelection",
    explain: "ingot.explain",
    fix: "ingot.fix",
    generateDoc: "ingot.generateDoc",
    generateTests: "ingot.generateTests",
    writeCommitMessage: "ingot.writeCommitMessage",
    stopCommitMessage: "ingot.stopCommitMessage",
    editSelection: "ingot.editSelection",
    acceptChange: "ingot.acceptChange",
    rejectChange: "ingot.rejectChange",
    acceptAllChanges: "ingot.acceptAllChanges",
    rejectAllChanges: "ingot.rejectAllChanges",
    nextChange: "ingot.nextChange",
    previousChange: "ingot.previousChange",
    toggleCompletions: "ingot.toggleCompletions",
    toggleCompletionsForLanguage: "ingot.toggleCompletionsForLanguage",
    toggleCompletionsForWorkspace: "ingot.toggleCompletionsForWorkspace",
    toggleQuiet: "ingot.toggleQuiet",
    suggestOnBattery: "ingot.suggestOnBattery",
    snooze: "ingot.snooze",
    endSnooze: "ingot.endSnooze",
    whyNoSuggestion: "ingot.whyNoSuggestion",
    showLastPrompt: "ingot.showLastPrompt",
    recordMoment: "ingot.recordMoment",
    report: "ingot.report",
    showLog: "ingot.showLog",
    restartEngine: "ingot.restartEngine",
    openSettings: "ingot.openSettings",
} as const;
export type CommandId = (typeof COMMAND)[keyof typeof COMMAND];

/** Runs after a completion was inserted; registered, not contributed (it means nothing to a person). */
export const ACCEPTED_COMMAND = "ingot.internal.accepted";

/** Bound to Escape while ghost text is shown: VS Code does not tell that it was sent away. Registered, not contributed. */
export const DISMISS_COMMAND = "ingot.internal.dismiss";

/** VS Code's own, for asking by hand. It has no key unless an extension gives it one. */
export const ASK_COMMAND = "editor.action.inlineSuggest.trigger";

/** VS Code's own, for an address in the browser. */
export const OPEN_COMMAND = "vscode.open";

/** Buttons below an answer of `@ingot`. Registered, not contributed: they belong to one answer. */
export const APPLY_ANSWER_COMMAND = "ingot.internal.applyAnswer";
export const USE_MESSAGE_COMMAND = "ingot.internal.useMessage";

/** What a page of `Ingot: Publish...` does. Registered while one is open, not contributed. */
export const PUBLISH_PAGE_COMMAND = "ingot.internal.publishPage";

/** The chat participant, and the tools that any chat can call. */
export const PARTICIPANT = { id: "ingot.participant", name: "ingot" } as const;
export const TOOL = {
    search: "ingot_searchWorkspace",
    codebase: "ingot_searchCodebase",
    readFile: "ingot_readFile",
    problems: "ingot_problems",
    runTests: "ingot_runTests",
} as const;

export const VIEW = { container: "ingot", chat: "ingot.chat", models: "ingot.models" } as const;

/** The editor of `*.comparison.json` files. */
export const COMPARISON_EDITOR = "ingot.comparison";
/** The editor of `*.gguf` files. */
export const GGUF_EDITOR = "ingot.gguf";

export const WALKTHROUGH = { id: "start", steps: ["completion", "model", "chat"] } as const;

/** Context keys: those that finish the walkthrough's steps, and whether the active editor shows changes under review. */
export const CONTEXT_KEY = {
    hasSuggested: "ingot.hasSuggested",
    hasChosenModel: "ingot.hasChosenModel",
    isReviewing: "ingot.isReviewing",
} as const;

/** True while a commit message is being written: the button stops it then. */
export const WRITING_MESSAGE_KEY = "ingot.isWritingMessage";

/** `contextValue` of tree items, matched by `when` clauses of the menus. */
export const ITEM = {
    role: "role",
    ownModel: "model.own",
    starterModel: "model.starter",
    foundModel: "model.found",
    hubModel: "model.hub",
    runningJob: "job.running",
    doneJob: "job.done",
    failedJob: "job.failed",
} as const;

/** Scheme of the read-only documents: last prompt, outcomes, report. */
export const DOCUMENT_SCHEME = "ingot";
