// An engine that inspects itself: passes everything on, and keeps every result with its record, call and words.

export function recorder(engine) {
    const results = [];
    return {
        results,
        set listener(listen) {
            engine.listener = (message) => {
                if (message.type === "result") results.push(message);
                listen(message);
            };
        },
        send: (message) => engine.send(message),
        sync: () => engine.sync(),
    };
}

/** What a result leaves unexplained; empty when a person is told everything. */
export function gapsOf({ record, call, words, stage }) {
    if (!record) return ["it has no record"];
    const gaps = [];
    const { outcome } = record;
    if (!words) gaps.push("its reason has no words");
    if (outcome.kind === "none" && !stage) gaps.push("its stage has no words");
    const isAsked = outcome.kind === "suggestion" || !["gate", "debounce"].includes(outcome.stage);
    if (!isAsked) return gaps;
    if (!call?.inspection) return [...gaps, "the prompt is not there"];
    const { parts, written } = call.inspection;
    const { prompt, reused, generated } = call.outcome.tokens;
    const nTokens = parts.reduce((sum, part) => sum + part.nTokens, 0);
    if (nTokens < prompt + reused || nTokens === 0) gaps.push("the prompt is not all there");
    if (written.length !== generated) gaps.push("tokens of the answer are missing");
    if (written.some(({ probability }) => !(probability > 0 && probability <= 1)))
        gaps.push("a token has no probability");
    return gaps;
}
