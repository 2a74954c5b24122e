// Makes the figures of a played trace out of the driver's record. Pure. Shares are of 1, times in ms; a figure that does not exist is
// null. The definitions are in docs/measuring.md.

/** `usage`: `{ cpuS, peakRssMb, machineBusyS, load: [start, end] }`. With the virtual clock times mean nothing and are null. */
export function metricsOf(record, usage, { isTimed }) {
    const { keys, requests, works, accepts, late } = record;
    const nKeys = keys.length;
    const shown = keys.filter((key) => key.ghostMs !== undefined);
    const carried = keys.filter((key) => key.carried);
    const times = (values, ranks) => (isTimed ? percentiles(values, ranks) : null);
    const ms = (list) => list.map(({ ghostMs }) => ghostMs);
    const group = (list) => ({
        keys: list.length,
        shown: share(list, isShown),
        ...times(ms(list.filter((key) => key.ghostMs !== undefined)), [50, 90, 95]),
    });
    return {
        keys: nKeys,
        durationMs: isTimed ? record.durationMs : null,
        requests: requests.length,
        answered: requests.filter(({ answeredMs }) => answeredMs !== undefined).length,
        superseded: keys.filter((key) => key.superseded).length,
        empty: requests.filter(({ empty }) => empty).length,
        latency: times(ms(shown), [50, 90, 95]),
        allKeys: times(keys.map(timeToGhost), [50, 90, 95]),
        lineStarts: group(keys.filter(({ cause }) => cause === "enter" || cause === "indent")),
        pauses: group(keys.filter(({ gapMs }) => gapMs >= 600)),
        stops: isTimed ? stopsOf(keys.filter((key) => key.stop)) : null,
        callMs: times(
            works.filter((work) => work.kind === "completion" && !work.aborted).map((w) => w.ms),
            [50, 90],
        ),
        visible: visibleOf(keys),
        visibleWarm: visibleOf(keys.slice(keys.findIndex(isShown) + 1 || nKeys)),
        firstGhost: keys.findIndex(isShown) + 1 || null,
        carried: share(keys, (key) => key.carried),
        flicker: share(carried, (key) => key.flicker),
        typeThrough: times(
            requests
                .filter(({ source, answeredMs }) => source === "cache" && answeredMs !== undefined)
                .map(({ sentMs, answeredMs }) => answeredMs - sentMs),
            [50, 95],
        ),
        tokens: tokensOf(works, nKeys),
        cpuSPer100Keys: isTimed && usage.cpuS !== null ? (usage.cpuS * 100) / nKeys : null,
        peakRssMb: usage.peakRssMb,
        quality: qualityOf(keys),
        accepted: acceptedOf(accepts, nKeys, record.keptCharacters),
        chatTokens: record.chatTokens ?? null,
        late,
        machineBusyS: isTimed ? usage.machineBusyS : null,
        engineCpuS: isTimed ? usage.cpuS : null,
        load: usage.load,
    };
}

/** Linear between neighbours; Infinity gives null. `{ p50, ... }`, or null for no values. */
export function percentiles(values, ranks) {
    if (values.length === 0) return null;
    const sorted = [...values].sort((a, b) => a - b);
    return Object.fromEntries(
        ranks.map((rank) => {
            const place = ((sorted.length - 1) * rank) / 100;
            const below = sorted[Math.floor(place)];
            const above = sorted[Math.ceil(place)];
            const value = above === below ? below : below + (above - below) * (place % 1);
            return [`p${rank}`, Number.isFinite(value) ? value : null];
        }),
    );
}

/** Every number of the metrics as the median over traces; null where no trace has one. */
export function medianOf(list) {
    const [first] = list.filter((value) => value !== null && value !== undefined);
    if (first === undefined) return null;
    if (typeof first === "number") {
        const numbers = list.filter((value) => typeof value === "number");
        return percentiles(numbers, [50]).p50;
    }
    if (typeof first !== "object") return first;
    const names = new Set(list.flatMap((value) => Object.keys(value ?? {})));
    return Object.fromEntries(
        [...names].map((name) => [name, medianOf(list.map((value) => value?.[name]))]),
    );
}

const isShown = (key) => key.carried || key.ghostMs !== undefined;

function timeToGhost(key) {
    return key.carried ? 0 : (key.ghostMs ?? Infinity);
}

/** Share of keystrokes with ghost text that soon, by limit. */
function visibleOf(keys) {
    const within = (limit) => share(keys, (key) => timeToGhost(key) <= limit);
    return Object.fromEntries([100, 250, 500, 1000].map((limit) => [limit, within(limit)]));
}

function share(list, holds) {
    return list.length === 0 ? null : list.filter(holds).length / list.length;
}

function stopsOf(keys) {
    const answered = keys.filter(({ answerMs }) => answerMs !== undefined);
    return {
        keys: keys.length,
        shown: percentiles(keys.filter(isShown).map(timeToGhost), [50, 90, 95]),
        answered: percentiles(
            answered.map(({ answerMs }) => answerMs),
            [50, 90, 95],
        ),
        shownShare: share(keys, isShown),
        em: share(
            keys.filter(({ isMid }) => isMid),
            ({ isExact }) => isExact,
        ),
    };
}

function tokensOf(works, nKeys) {
    const kinds = {};
    for (const { kind, promptTokens, reusedTokens, generatedTokens, ...work } of works) {
        const sums = (kinds[kind] ??= {
            calls: 0,
            aborted: 0,
            prompt: 0,
            reused: 0,
            generated: 0,
            drafted: 0,
            acceptedDraft: 0,
        });
        sums.calls++;
        sums.aborted += work.aborted ? 1 : 0;
        sums.prompt += promptTokens;
        sums.reused += reusedTokens;
        sums.generated += generatedTokens;
        sums.drafted += work.drafted ?? 0;
        sums.acceptedDraft += work.acceptedDraft ?? 0;
    }
    const sum = (field) => works.reduce((total, work) => total + work[field], 0);
    const completions = works.filter(({ kind }) => kind === "completion");
    const prompts = completions.map(({ promptTokens }) => promptTokens);
    return {
        prompt: sum("promptTokens"),
        reused: sum("reusedTokens"),
        generated: sum("generatedTokens"),
        kinds,
        perKey: {
            prompt: sum("promptTokens") / nKeys,
            generated: sum("generatedTokens") / nKeys,
        },
        promptPerCompletion: percentiles(prompts, [50])?.p50 ?? null,
    };
}

function qualityOf(keys) {
    const mid = keys.filter(({ isMid }) => isMid);
    const exact = mid.filter(({ isExact, isTypo }) => isExact && !isTypo);
    const judged = mid.filter(({ hasGhost, isTypo }) => hasGhost && !isTypo);
    return {
        midKeys: mid.length,
        judged: judged.length,
        emLine: judged.length === 0 ? null : exact.length / judged.length,
        emPerMidKey: mid.length === 0 ? null : exact.length / mid.length,
    };
}

/** The keystrokes of the trace are those typed and those saved. */
function acceptedOf(accepts, nKeys, keptCharacters) {
    const sum = (field) => accepts.reduce((total, accept) => total + accept[field], 0);
    const saved = sum("keys");
    return {
        count: accepts.length,
        characters: sum("characters"),
        keptCharacters,
        keptShare: sum("characters") === 0 ? null : keptCharacters / sum("characters"),
        keysSaved: saved,
        keysSavedShare: nKeys + saved === 0 ? null : saved / (nKeys + saved),
    };
}
