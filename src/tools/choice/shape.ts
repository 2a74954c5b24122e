/**
 * The shape of a question: the files, folders, addresses and names in code that it gives a tool to work on, each as one word for its kind, and the
 * words around them. Pure.
 */

const ADDRESS =
    /https?:\/\/\S*|\bwww\.\S+|\b(?:[\w-]+\.)+(?:com|org|net|io|dev|ai)\/\S*|\b(?:[\w-]+\.){2,}(?:com|org|net|io|dev|ai)\b|\blocalhost:\d+\/\S*/gi;
const QUOTE = /`[^`\n]*`|"[^"\n]*"|(?<!\w)'[^'\n]*'(?!\w)/g;
/** What may be quoted and still be one name. */
const ONE_NAME = /^[\w./\\~@-]+(?:\(\))?$/;

/** Libraries, and members of what everybody knows, that look like files. */
const NO_FILE =
    /^(?:node|vue|next|nuxt|react|three|express|ember|angular|alpine|deno|chart|[dp]\d|backbone|knockout|moment|discord|electron|nest|solid|video|plotly|tensorflow|babylon|handlebars|require|phaser|matter|pixi|fabric|paper|polymer|svelte|preact|day|socket)\.(?:js|io)$|^\.NET$|^(?:res|response|r|req|request|resp|JSON|console|process|logger|log|Math|np|os|lock|mutex|import\.meta)\.(?:json|env|log|lock)$/i;
/** Endings of the files that people keep in a workspace; of one letter alone only what is a file's in any case. */
const FILE =
    /(?:[\w)\]@$~+-]{2}|[\\/.][\w-]?)\.(?:[cm]?[jt]sx?|jsonc?|json5|vue|svelte|astro|pyi?|ipynb|toml|ya?ml|ini|cfg|conf|env|mdx?|rst|txt|csv|tsv|html?|css|s[ac]ss|less|svg|png|jpe?g|gif|xml|go|mod|sum|rs|java|kts?|gradle|scala|c|h|cc|cpp|cxx|hpp|hh|cs|csproj|sln|swift|m|mm|rb|erb|php|pl|lua|dart|ex|exs|erl|hs|ml|clj|zig|nim|jl|r|sql|prisma|proto|graphql|sh|bash|zsh|fish|ps1|bat|lock|log|gitignore|dockerignore|editorconfig|npmrc|tf|cmake|mk|diff|patch|ps|wasm|gguf|zip|pdf)$|^\w\.(?:[jt]sx?|py|go|rs|md|json|txt|css|html|java|cpp)$/i;
/** What many projects have: asked for by name as well as about. */
const WELL_KNOWN =
    /^(?:\.\w[\w.-]+|(?:Docker|Make|Gem|Proc|Jenkins|Vagrant|Rake)file|LICENSE|README|CONTRIBUTING|CHANGELOG)$/;
const ROOTS =
    "src|lib|apps?|tests?|docs?|public|assets|components|packages|scripts|bin|include|utils?|config|pages|server|api|build|dist|tools|internal|cmd|pkg|examples|migrations|node_modules";
/** Without an ending. One slash alone may stand for "or", and several too. */
const FOLDER = new RegExp(
    String.raw`^(?:\.{1,2}|~|[A-Za-z]:)[\\/][\w.@-]|^[\\/][\w.@-]+[\\/]|^[\w.@-]{2,}[\\/]$|^(?:${ROOTS})(?:[\\/][\w.@-]+){2,}|^[\w@-]*(?:[._-]\w|[a-z][A-Z])[\w-]*(?:[\\/][\w.@-]+){2,}|^(?:src|docs|packages|node_modules)[\\/]\w|^node_modules$`,
);
/** Behind a word that says so. */
const ROOTED = new RegExp(String.raw`^(?:${ROOTS})[\\/]\w`);
const PLACED = /^(?:in|inside|under|within|into|from|folder|directory|list|does|is|at)$/i;
const HERE = /\b(?:this|current|open) (?:file|folder|directory)\b/i;
const NAME = /\w_\w|^[a-z]+[A-Z]|^[A-Z][a-z\d]+[A-Z]|\(\)$|^[A-Z]{2,}-\d/;
/** Names with a capital inside that are no names in code. */
const NO_NAME =
    /^(?:(?:Java|Type|Coffee)Script|Git(?:Hub|Lab)|(?:Postgre|My|No)SQL|GraphQL|MongoDB|OAuth\d?|LaTeX|DevOps|(?:Node|React|Vue)JS|PyTorch|TensorFlow|OpenAI|ChatGPT|StackOverflow|LeetCode|Web(?:Assembly|Sockets?)|YouTube|iOS|macOS|jQuery|PowerShell|VSCode|IntelliJ)$/;
const TOKEN = /^(?:FILE|FOLDER|GLOB|ADDRESS|QUOTE|NAME|PASTED)$/;

export interface Named {
    file: boolean;
    /** Of the files only such that many projects have. */
    isWellKnown: boolean;
    folder: boolean;
    address: boolean;
    /** A symbol. */
    code: boolean;
    quoted: boolean;
}

/** What a question gives a tool to work on. */
export function namedIn(question: string): Named {
    const shape = shapeOf(question);
    const file = /\bFILE\b/.test(shape);
    return {
        file,
        isWellKnown: file && !/(?<!\bcommon )\bFILE\b/.test(shape),
        folder: /\bFOLDER\b/.test(shape) || HERE.test(question),
        address: /\bADDRESS\b/.test(shape),
        code: /\bNAME\b/.test(shape),
        quoted: /\bQUOTE\b/.test(shape),
    };
}

/**
 * A question in which what is named stands as FILE, FOLDER, GLOB, ADDRESS, QUOTE or NAME, the rest in small letters; files of tests as `test FILE`, such as
 * many projects have as `common FILE`. `kept` stays as it is.
 */
export function shapeOf(question: string, kept?: ReadonlySet<string>): string {
    let before = "";
    const shape = (word: string) => {
        const behind = before;
        before = word;
        if (TOKEN.test(word)) return word;
        return word.replace(/[\w.@~*\\/:<>-][^\s"'`,;!?\]]*/, (full) => {
            const bare = full.replace(/[.:]+$|(?<!\()\)[.:]*$/, "");
            if (kept?.has(bare)) return full;
            const isPlaced = PLACED.test(behind) && ROOTED.test(bare);
            const kind = tokenFor(bare) ?? (isPlaced ? "FOLDER" : undefined);
            return `${kind ?? bare.toLowerCase()}${full.slice(bare.length)}`;
        });
    };
    return question
        .replaceAll(/[“”]/g, '"')
        .replaceAll("’", "'")
        .replaceAll(QUOTE, quotedShape)
        .replaceAll(ADDRESS, " ADDRESS ")
        .split(/\s+/)
        .map(shape)
        .join(" ");
}

/** A name in quotes stays one; the marks of code make any word one. */
function quotedShape(quoted: string): string {
    const inner = quoted.slice(1, -1);
    if (!ONE_NAME.test(inner)) return " QUOTE ";
    const kind = tokenFor(inner) ?? (quoted.startsWith("`") ? "NAME" : "QUOTE");
    return ` ${kind} `;
}

/** What a word by itself names. */
function tokenFor(word: string): string | undefined {
    if (NO_FILE.test(word)) return undefined;
    if (word.includes("*") && /[./]/.test(word)) return "GLOB";
    if (WELL_KNOWN.test(word)) return "common FILE";
    if (FILE.test(word))
        return /(?:^|[\W_])(?:tests?|specs?)(?:[\W_]|$)/i.test(word) ? "test FILE" : "FILE";
    if (FOLDER.test(word)) return "FOLDER";
    return NAME.test(word) && !NO_NAME.test(word) ? "NAME" : undefined;
}

/** The words around what is named; names of tools stay. An address says what its kind of thing is called. */
export function wordsAround(question: string, tools: ReadonlySet<string>): string {
    return shapeOf(question, tools)
        .replaceAll("ADDRESS", "url web page")
        .replaceAll(/\b(?:(?:test |common )?FILE|FOLDER|GLOB|QUOTE|NAME)\b/g, " ");
}
