/**
 * What a request for a tool is made of: the question itself; the files, folders, addresses and names in code that it gives a tool to work on, and the
 * words around them; whether it speaks of what is in the workspace, or of what anybody knows who can program. Pure.
 */

/** The end of a request, where those that bring files along say what is wanted. */
const MAX_CHARACTERS = 500;

const ADDRESS =
    /https?:\/\/\S*|\b(?:[\w-]+\.)+(?:com|org|net|io|dev|ai)\b(?:\/\S*)?|\blocalhost:\d+\/\S*/gi;
const QUOTE = /`[^`\n]*`|"[^"\n]*"|(?<!\w)'[^'\n]*'(?!\w)/g;
/** What may be quoted and still be one name. */
const ONE_NAME = /^[\w./\\~@-]+(?:\(\))?$/;

/** Names with a dot that are no files. */
const NO_FILE =
    /\b(?:node|vue|next|nuxt|react|three|express|ember|angular|alpine|deno|chart)\.js\b|\bconsole\.log\b|^\.NET$/i;
/** Endings of the files that people keep in a workspace. */
const FILE =
    /\.(?:[cm]?[jt]sx?|jsonc?|json5|vue|svelte|astro|pyi?|ipynb|toml|ya?ml|ini|cfg|conf|env|mdx?|rst|txt|csv|tsv|html?|css|s[ac]ss|less|svg|png|jpe?g|gif|xml|go|mod|sum|rs|java|kts?|gradle|scala|c|h|cc|cpp|cxx|hpp|hh|cs|csproj|sln|swift|m|mm|rb|erb|php|pl|lua|dart|ex|exs|erl|hs|ml|clj|zig|nim|jl|r|sql|prisma|proto|graphql|sh|bash|zsh|fish|ps1|bat|lock|log|gitignore|dockerignore|editorconfig|npmrc|tf|cmake|mk|diff|patch|ps|wasm|gguf|zip|pdf)(?![\w-])/i;
const FILE_NAME =
    /^(?:\.\w|(?:Docker|Make|Gem|Proc|Jenkins|Vagrant|Rake)file$|(?:LICENSE|README|CONTRIBUTING|CHANGELOG)$)/;
/** Also without a known ending; one slash alone may stand for "or". */
const FOLDER =
    /^(?:\.{0,2}|~|[A-Za-z]:)[\\/][\w.@-]|[\w.@-]+[\\/][\w.@-]+[\\/]|[\w.@-][\\/]$|^(?:src|lib|app|apps|test|tests|docs?|public|assets|components|packages|scripts|bin|include|utils?|config|pages|server|api|build|dist|tools|internal|cmd|pkg|examples|migrations)[\\/]\w|^node_modules$/i;
const HERE = /\b(?:this|current|open) (?:file|folder|directory)\b/i;
const NAME = /\w_\w|^[a-z]+[A-Z]|^[A-Z][a-z\d]+[A-Z]|\(\)$|^[A-Z]{2,}-\d/;
/** Names with a capital inside that are no names in code. */
const NO_NAME =
    /^(?:(?:Java|Type|Coffee)Script|Git(?:Hub|Lab)|(?:Postgre|My|No)SQL|GraphQL|MongoDB|OAuth\d?|LaTeX|DevOps|(?:Node|React|Vue)JS|PyTorch|TensorFlow|OpenAI|ChatGPT|StackOverflow|LeetCode|Web(?:Assembly|Sockets?)|YouTube|iOS|macOS|jQuery|PowerShell|VSCode|IntelliJ)$/;

const THING =
    "(?:code ?base|code|project|repo|repository|workspace|files?|folders?|subfolders?|director(?:y|ies)|tests?|specs?|branch|changes|commits?|build|problems?|errors?|warnings?|panel|diff|lines?|terminal|todos?|failures|places|usages|references|occurrences|callers)";
/** What only somebody who can look into the workspace can know or do. */
const WORKSPACE = new RegExp(
    String.raw`\b(?:my|our|this|the|these|those|which|what|any|all|every|each|some) (?:[\w-]+ ){0,2}${THING}\b|\b(?:my|our|we)\b|\bthis (?:machine|computer|laptop)\b`,
    "i",
);
/** Anybody who can program knows the answer. */
const GENERAL =
    /\bdifferences? between\b|\bdiffers? from\b|\bwhat(?:'s| is| are| does)? (?:an?|the (?:purpose|point|meaning|idea))\b|\bwhat does\b.*\bmean\b|\bhow (?:do|does|can|would|should) (?:i|you|one|people)\b|\bwhen (?:should|would|do) (?:i|you|one)\b|\bpros and cons\b|\bexamples? of\b|\bin general\b|\bbest practices?\b|\bwrite (?:me )?an? (?:\w+ )?(?:function|regex|query|haiku|poem|joke|snippet|one-liner)\b|\b(?:regex|query) (?:for|to)\b/i;

export interface Named {
    file: boolean;
    folder: boolean;
    address: boolean;
    /** A symbol, or something quoted. */
    code: boolean;
}

/** What a question gives a tool to work on. */
export function namedIn(question: string): Named {
    const shape = shapeOf(question);
    return {
        file: /\bFILE\b/.test(shape),
        folder: /\bFOLDER\b/.test(shape) || HERE.test(question),
        address: /\bADDRESS\b/.test(shape),
        code: /\b(?:NAME|QUOTE)\b/.test(shape),
    };
}

/** It speaks of this workspace, not of programming as such. */
export function isOfWorkspace(question: string): boolean {
    return WORKSPACE.test(question);
}

/** Nothing is asked for. */
const SMALL_TALK =
    /^\W*(?:hi|hello|hey|hallo|good (?:morning|afternoon|evening)|bye|thanks|thank you|thx|cheers)(?: (?:there|all|everybody|so|very|much|a lot|again))*\W*$|\bthank(?:s| you)\b|\b(?:who|how) are you\b|\bhow's it going\b|\bjoke\b|\bwhat can you do\b|\bcan you help\W*$/i;

/** It can be answered without this workspace, as far as its words say. */
export function isGeneral(question: string): boolean {
    const text = question.replaceAll("’", "'");
    return GENERAL.test(text) || SMALL_TALK.test(text);
}

/** A question in which what is named stands as FILE, FOLDER, GLOB, ADDRESS, QUOTE or NAME, the rest in small letters; `kept` stays as it is. */
export function shapeOf(question: string, kept?: ReadonlySet<string>): string {
    const shape = (word: string) =>
        word.replace(/[\w.@~*\\/:<>-][^\s"'`,;!?)\]]*/, (full) => {
            if (kept?.has(full)) return full;
            const bare = full.replace(/[.:]+$/, "");
            return `${kindOf(bare) ?? bare.toLowerCase()}${full.slice(bare.length)}`;
        });
    return question
        .replaceAll(/[“”]/g, '"')
        .replaceAll("’", "'")
        .replaceAll(QUOTE, (quoted) => {
            const inner = quoted.slice(1, -1);
            return ONE_NAME.test(inner) && (quoted.startsWith("`") || kindOf(inner) !== undefined)
                ? ` ${kindOf(inner) ?? "NAME"} `
                : " QUOTE ";
        })
        .replaceAll(ADDRESS, " ADDRESS ")
        .split(/\s+/)
        .map((word) => (TOKEN.test(word) ? word : shape(word)))
        .join(" ");
}

const TOKEN = /^(?:test )?(?:FILE|FOLDER|GLOB|ADDRESS|QUOTE|NAME)$/;

/** What a word by itself names. A file of tests is one of both. */
function kindOf(word: string): string | undefined {
    if (NO_FILE.test(word)) return undefined;
    if (/\*/.test(word) && /[./]/.test(word)) return "GLOB";
    if (FILE.test(word) || FILE_NAME.test(word))
        return /(?:^|[\W_])(?:tests?|specs?)(?:[\W_]|$)/i.test(word) ? "test FILE" : "FILE";
    if (FOLDER.test(word)) return "FOLDER";
    return NAME.test(word) && !NO_NAME.test(word) ? "NAME" : undefined;
}

/** The words around what is named; names of tools stay. An address says what its kind of thing is called. */
export function wordsAround(question: string, tools: ReadonlySet<string>): string {
    return shapeOf(question, tools)
        .replaceAll("ADDRESS", "url web page")
        .replaceAll(/\b(?:test FILE|FILE|FOLDER|GLOB|QUOTE|NAME)\b/g, " ");
}

/** Agents put what was asked in a tag at the end of what they tell of the workspace. */
export function questionIn(request: string): string {
    const text = request.trimEnd();
    const [close = "", name = ""] = /<\/(\w{1,40})>$/.exec(text.slice(-50)) ?? [];
    const open = `<${name}>`;
    const start = close === "" ? -1 : text.lastIndexOf(open);
    const question = start < 0 ? text : text.slice(start + open.length, text.length - close.length);
    return question.slice(-MAX_CHARACTERS);
}
