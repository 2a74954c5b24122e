/**
 * The YAML front matter of a model card, as far as cards use it: top-level keys with scalars, lists of scalars or lists of small
 * mappings. Deeper structures (model-index, widgets) are skipped. Not a YAML parser: what it does not understand it leaves out.
 */

export type CardValue = string | CardEntry[];
/** A list item: a text, or a mapping of texts. */
export type CardEntry = string | Record<string, string>;
export type ModelCard = ReadonlyMap<string, CardValue>;

const MAX_LINES = 20_000;

export function parseModelCard(readme: string): ModelCard {
    const lines = readme.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
    const card = new Map<string, CardValue>();
    if (lines[0] !== "---") return card;
    const end = lines.indexOf("---", 1);
    const body = lines
        .slice(1, end < 0 ? undefined : end)
        .slice(0, MAX_LINES)
        .map((line) => line.replaceAll("\t", "  "));
    let at = 0;
    while (at < body.length) {
        const match = /^([^\s#"'[{\-:][^:]*|"[^"]+"|'[^']+')\s*:(?:\s+(.*))?$/.exec(body[at] ?? "");
        at++;
        if (!match?.[1]) continue;
        const from = at;
        while (at < body.length && isContinuation(body[at] ?? "")) at++;
        const value = parseValue(match[2] ?? "", body.slice(from, at));
        if (value !== undefined) card.set(unquote(match[1].trim()), value);
    }
    return card;
}

function isContinuation(line: string): boolean {
    return /^\s/.test(line) || /^-(\s|$)/.test(line) || line.trim() === "" || line.startsWith("#");
}

function parseValue(inline: string, block: readonly string[]): CardValue | undefined {
    const text = stripComment(inline);
    if (/^[|>][+-]?\d*$/.test(text)) return blockText(text, block);
    if (text.startsWith("[")) return parseFlowList([text, ...block].join(" "));
    if (text.startsWith("{") || text.startsWith("&") || text.startsWith("*")) return undefined;
    if (text !== "") {
        const more = block.map((line) => stripComment(line)).filter((line) => line !== "");
        return parseScalar([text, ...more].join(" "));
    }
    const items = block.filter((line) => line.trim() !== "" && !line.trim().startsWith("#"));
    return items[0]?.trim().startsWith("-") ? parseList(items) : undefined;
}

function parseList(lines: readonly string[]): CardEntry[] {
    const indent = /^\s*/.exec(lines[0] ?? "")?.[0].length ?? 0;
    const entries: CardEntry[] = [];
    let item: string[] = [];
    const finish = () => {
        const entry = parseItem(item);
        if (entry !== undefined) entries.push(entry);
    };
    for (const line of lines) {
        const dash = /^(\s*)-(?:\s+(.*))?$/.exec(line);
        if (dash && (dash[1]?.length ?? 0) === indent) {
            if (item.length > 0) finish();
            item = [dash[2] ?? ""];
        } else item.push(line);
    }
    if (item.length > 0) finish();
    return entries;
}

function parseItem(lines: readonly string[]): CardEntry | undefined {
    const first = stripComment(lines[0] ?? "");
    if (!/^[A-Za-z_][\w-]*:(\s|$)/.test(first))
        return first === "" ? undefined : parseScalar(first);
    const mapping: Record<string, string> = {};
    for (const line of lines) {
        const match = /^\s*([A-Za-z_][\w-]*):\s+(\S.*)$/.exec(line);
        const value = match && parseScalar(stripComment(match[2] ?? ""));
        if (match?.[1] && value !== undefined && value !== null) mapping[match[1]] = value;
    }
    return mapping;
}

function parseFlowList(text: string): CardEntry[] {
    const inner = text.slice(1, text.lastIndexOf("]") < 0 ? undefined : text.lastIndexOf("]"));
    const items = inner.match(/\s*(?:"[^"]*"|'[^']*'|[^,]+)/g) ?? [];
    return items.flatMap((item) => {
        const value = parseScalar(item.trim());
        return value === undefined ? [] : [value];
    });
}

/** Null words are absent. Booleans and numbers stay as they are written: no key of a card that matters here is one. */
function parseScalar(text: string): string | undefined {
    return /^(null|~|)$/i.test(text) ? undefined : unquote(text);
}

function unquote(text: string): string {
    const quote = text[0];
    if ((quote !== '"' && quote !== "'") || text.length < 2 || !text.endsWith(quote)) return text;
    const inner = text.slice(1, -1);
    return quote === "'"
        ? inner.replaceAll("''", "'")
        : inner.replace(/\\(["\\nt])/g, (_, c: string) =>
              c === "n" ? "\n" : c === "t" ? "\t" : c,
          );
}

function stripComment(text: string): string {
    const trimmed = text.trim();
    if (trimmed.startsWith("#")) return "";
    if (trimmed.startsWith('"') || trimmed.startsWith("'")) return trimmed;
    return trimmed.replace(/\s#.*$/, "").trim();
}

function blockText(style: string, block: readonly string[]): string {
    const lines = block.map((line) => line.trim());
    const text = lines.join(style.startsWith("|") ? "\n" : " ").trim();
    return style.includes("-") ? text : `${text}\n`;
}
