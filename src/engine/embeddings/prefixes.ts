/**
 * What a family of embedding models was trained to read in front of a question and of a text. Without it their vectors are comparable but
 * worse. Files do not say it, so it goes by name. Pure.
 */

export interface Prefixes {
    question: string;
    piece: string;
}

const NONE: Prefixes = { question: "", piece: "" };
const PASSAGES = "Represent this sentence for searching relevant passages: ";
const CODE = "Represent this query for searching relevant code: ";
const TASK = "Given a question about a codebase, retrieve the code that answers it";

/** The first that fits. Sources: the model card of each family at its publisher's, as named. */
const FAMILIES: readonly { name: RegExp; prefixes: Prefixes }[] = [
    // nomic-ai/nomic-embed-code, nomic-ai/CodeRankEmbed
    { name: /nomic.?embed.?code|code.?rank.?embed/, prefixes: { question: CODE, piece: "" } },
    // nomic-ai/nomic-embed-text-v1, v1.5, v2-moe
    {
        name: /nomic.?embed|^nomic/,
        prefixes: { question: "search_query: ", piece: "search_document: " },
    },
    // Qwen/Qwen3-Embedding-0.6B; intfloat/multilingual-e5-large-instruct
    {
        name: /qwen.?3.?(vl.?)?embed|e5.*instruct/,
        prefixes: { question: `Instruct: ${TASK}\nQuery: `, piece: "" },
    },
    // google/embeddinggemma-300m
    {
        name: /embedding.?gemma|gemma.?embedding/,
        prefixes: { question: "task: code retrieval | query: ", piece: "title: none | text: " },
    },
    // intfloat/e5-small-v2, multilingual-e5-small
    {
        name: /\be5\b|\be5.?(small|base|large)/,
        prefixes: { question: "query: ", piece: "passage: " },
    },
    // Snowflake/snowflake-arctic-embed-m-v2.0, then v1
    {
        name: /arctic.?embed.*v2/,
        prefixes: { question: "query: ", piece: "" },
    },
    // BAAI/bge-small-en-v1.5 (not m3), mixedbread-ai/mxbai-embed-large-v1
    {
        name: /arctic.?embed|bge.*\ben\b|mxbai.?embed.?large/,
        prefixes: { question: PASSAGES, piece: "" },
    },
];

/** `names`: what is known of a model, such as `general.name`, its architecture and its file's name. */
export function prefixesOf(names: readonly string[]): Prefixes {
    const lower = names.map((name) => name.toLowerCase().replaceAll("_", "-"));
    const fits = ({ name }: { name: RegExp }) => lower.some((one) => name.test(one));
    return FAMILIES.find(fits)?.prefixes ?? NONE;
}
