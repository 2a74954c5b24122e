/** How a repository words its commits, read from the last ones: the form of the first line, and whether there is more. Pure. */

export interface CommitStyle {
    /** The form in words, with an example of its own shape: small models copy whole messages when they are shown some. */
    form: string;
    /** Whether most commits say more than one line. */
    hasBody: boolean;
    /** Longest first line that is usual here, in characters. */
    maxSubject: number;
    /** Words that stand before the colon in earlier messages, the most frequent first. */
    labels: readonly string[];
}

const MAX_LABELS = 8;
const SUBJECT_LIMIT = 72;
/** The share of messages that makes a form the usual one. */
const MOST = 0.5;

const CONVENTIONAL = /^([a-z]+)(\([^()]*\))?!?: \S/;
const AREA = /^([\w./, -]{1,40}?)( ?): \S/;
const TICKET = /^(?:\[?[A-Z][A-Z0-9]+-\d+\]?|#\d+)[:\s]/;

/** `messages`: newest first, each with its body. Merges and reverts do not count. */
export function commitStyle(messages: readonly string[]): CommitStyle {
    const own = messages
        .map((message) => message.trim())
        .filter((message) => message !== "" && !/^(Merge|Revert)\b/.test(message));
    const subjects = own.map((message) => message.split(/\r?\n/)[0]?.trim() ?? "");
    const share = (test: (text: string) => boolean) =>
        subjects.length === 0 ? 0 : subjects.filter(test).length / subjects.length;
    const isUpper = share((subject) => /^\p{Lu}/u.test(afterLabel(subject))) > MOST;
    const first = isUpper ? "a capital letter" : "a small letter";
    const rest = {
        hasBody:
            own.length > 0 && own.filter((text) => bodyOf(text) !== "").length / own.length > MOST,
        maxSubject: usualLength(subjects),
        labels: [] as string[],
    };
    if (share((subject) => CONVENTIONAL.test(subject)) > MOST) {
        const scoped = share((subject) => CONVENTIONAL.exec(subject)?.[2] !== undefined) > MOST;
        const shape = scoped ? "type(scope): what changes" : "type: what changes";
        const labels = frequent(subjects.map((subject) => CONVENTIONAL.exec(subject)?.[1]));
        return {
            ...rest,
            labels,
            form: `in the form "${shape}", where type is one of ${labels.join(", ")}, and ${first} after the colon`,
        };
    }
    if (share((subject) => AREA.test(subject) && !TICKET.test(subject)) > MOST) {
        const labels = frequent(subjects.map((subject) => AREA.exec(subject)?.[1]));
        const spaced = share((subject) => AREA.exec(subject)?.[2] === " ") > MOST ? " :" : ":";
        return {
            ...rest,
            labels,
            form: `in the form "area${spaced} what changes", where area is a part of the project such as ${labels.join(", ")}, and ${first} after the colon`,
        };
    }
    return {
        ...rest,
        form: `that begins with a verb such as ${isUpper || subjects.length === 0 ? "Add, Fix or Show" : "add, fix or show"}`,
    };
}

function afterLabel(subject: string): string {
    return subject.replace(/^[^:\s]{1,30}(\([^()]*\))? ?: /, "");
}

function bodyOf(message: string): string {
    const lines = message.split(/\r?\n/).slice(1);
    // Trailers say who, not what.
    return lines
        .filter((line) => !/^[A-Z][\w-]*: .*@|^Signed-off-by:/.test(line))
        .join("\n")
        .trim();
}

/** Between 50 and 72: what nine of ten first lines keep to. */
function usualLength(subjects: readonly string[]): number {
    const lengths = subjects.map((subject) => subject.length).sort((a, b) => a - b);
    const usual = lengths[Math.floor(lengths.length * 0.9)] ?? SUBJECT_LIMIT;
    return Math.min(SUBJECT_LIMIT, Math.max(50, usual));
}

function frequent(words: readonly (string | undefined)[]): string[] {
    const counts = new Map<string, number>();
    for (const word of words)
        if (word !== undefined) counts.set(word.trim(), (counts.get(word.trim()) ?? 0) + 1);
    return [...counts]
        .sort((a, b) => b[1] - a[1])
        .slice(0, MAX_LABELS)
        .map(([word]) => word);
}
