/**
 * The self-test after writing: probe texts go through llama.cpp's tokenizer, loaded from the written file, and through the checkpoint's
 * own tokenizer.json in JavaScript; both must give the same ids. A wrong pre-tokenizer, a lost merge or a shifted id shows here, and
 * nowhere else before the model talks nonsense. Reports, never fails.
 */

import { Tokenizer } from "@huggingface/tokenizers";
import { onAbort } from "../base/cancel";
import type { NativeAddon, NativeModel } from "../node/native";
import type { TokenizerCheck } from "../protocol/tokenizerCheck";
import { isObject, readJson, type CheckpointSource, type JsonObject } from "./checkpoint/source";

/** What code models see: code, prose of many scripts, and every kind of white space and number. */
export const PROBES: readonly string[] = [
    "def foo(x):\n    return x + 1\n",
    'if (a != b) {\n\t\tprintf("%d\\n", i++);\n}\n\n\n',
    "fn main() -> Result<(), Box<dyn Error>> { Ok(()) }",
    "const f = async (x) => ({ ...x, y: await g?.(x) ?? [] });",
    "#include <vector>\r\nstd::vector<int> v{1, 2, 3};\r\n",
    "SELECT * FROM t WHERE id >= 10 AND name LIKE '%a_b%';",
    "<div class=\"a-b\" data-x='1'>&nbsp;</div>",
    "\t\tif x == nil {\n\t\t\treturn err\n\t\t}",
    "        deeply(nested)  # eight spaces",
    "camelCaseName snake_case_name CONST_1 kebab-case",
    "3.14159e-10 0xDEADBEEF 1_000_000 12345678 007",
    "a  b   c    d     e",
    " leading space",
    "trailing space ",
    "   \n  \n",
    "\n\n\n\n",
    "I'm don't WE'LL they've it's 'quoted'",
    "naïve café über Ærøskøbing",
    "你好，世界。今天天气很好！",
    "Привет, мир! Как дела?",
    "안녕하세요 こんにちは カタカナ",
    "مرحبا بالعالم שלום עולם",
    "🚀👩‍💻 ∀x∈ℝ: ⌈x⌉ = −⌊−x⌋ … “quotes”",
    "x\u0301 \u00a0 \u200b\u2028 ﬁ",
];

export interface SelfTest {
    source: CheckpointSource;
    /** The written file. */
    file: string;
    native: NativeAddon;
    signal: AbortSignal;
    probes?: readonly string[] | undefined;
}

/** Never throws: what keeps it from comparing is its answer. */
export async function checkTokenizer(options: SelfTest): Promise<TokenizerCheck> {
    try {
        return await compare(options);
    } catch (error) {
        return nothing(error instanceof Error ? error.message.slice(0, 200) : "unknown error");
    }
}

function nothing(skipped: string): TokenizerCheck {
    return { nProbes: 0, nEqual: 0, nKnown: 0, different: [], skipped };
}

async function compare({
    source,
    file,
    native,
    signal,
    probes,
}: SelfTest): Promise<TokenizerCheck> {
    const stored = await readJson(source, "tokenizer.json", signal);
    if (!stored) return nothing("the checkpoint has no tokenizer.json");
    const config = (await readJson(source, "tokenizer_config.json", signal)) ?? {};
    const json = asRun(stored, config);
    const own = new Tokenizer(json, config);
    const model = await loadVocabulary(native, file, signal);
    try {
        const check: TokenizerCheck = { nProbes: 0, nEqual: 0, nKnown: 0, different: [] };
        for (const text of probes ?? PROBES) {
            check.nProbes++;
            const expected = own.encode(text, { add_special_tokens: false }).ids;
            const actual = model.tokenize(text);
            if (actual.join() === expected.join()) check.nEqual++;
            else note(check, text, json);
        }
        return check;
    } finally {
        await model.close();
    }
}

/**
 * What transformers runs where it is not tokenizer.json: a Llama tokenizer whose configuration names `add_prefix_space` is built anew
 * from the SentencePiece model (`LlamaTokenizerFast`, `LlamaConverter` of transformers 4.57).
 */
function asRun(tokenizer: JsonObject, config: JsonObject): JsonObject {
    const prefix = config["add_prefix_space"];
    const isLlama = /^LlamaTokenizer(Fast)?$/.test(String(config["tokenizer_class"]));
    if (!isLlama || typeof prefix !== "boolean" || config["legacy"] !== false) return tokenizer;
    const scheme = prefix ? "first" : "never";
    return {
        ...tokenizer,
        normalizer: null,
        pre_tokenizer: {
            type: "Metaspace",
            replacement: "▁",
            prepend_scheme: scheme,
            split: false,
        },
    };
}

const MAX_SHOWN = 3;

function note(check: TokenizerCheck, text: string, tokenizer: JsonObject): void {
    const reason = knownReason(text, tokenizer);
    if (reason === undefined) {
        if (check.different.length < MAX_SHOWN) check.different.push(text);
        return;
    }
    check.nKnown++;
    check.known = reason;
}

const FORMS = ["NFC", "NFD", "NFKC", "NFKD"] as const;

/**
 * llama.cpp merges pieces of a unigram vocabulary by score, which is not the best path; it has no key for SentencePiece
 * tokenizers that add their space only before texts without one ("legacy": false); and it leaves characters as they are, where some
 * tokenizers first bring them into a Unicode normal form.
 */
function knownReason(text: string, tokenizer: JsonObject): string | undefined {
    const model = isObject(tokenizer["model"]) ? tokenizer["model"] : {};
    if (model["type"] === "Unigram") return "unigram vocabularies are merged by score";
    const steps = [tokenizer["pre_tokenizer"], tokenizer["normalizer"]].flatMap(flatten);
    const addsOnce = steps.some(
        (step) => step["type"] === "Metaspace" && step["prepend_scheme"] === "first",
    );
    if (addsOnce && text.startsWith(" ")) return "texts that begin with a space get a second one";
    const isChanged = (type: unknown) =>
        FORMS.some((form) => form === type && text.normalize(form) !== text);
    if (steps.some((step) => isChanged(step["type"]))) return "characters are not composed";
    return undefined;
}

function flatten(step: unknown): JsonObject[] {
    if (!isObject(step)) return [];
    const inner = [step["pretokenizers"], step["normalizers"]].flatMap((list) =>
        Array.isArray(list) ? list.filter(isObject) : [],
    );
    return [step, ...inner];
}

async function loadVocabulary(
    native: NativeAddon,
    path: string,
    signal: AbortSignal,
): Promise<NativeModel> {
    const loading = native.loadModel({ path, gpuLayers: 0, vocabOnly: true });
    const stopListening = onAbort(signal, () => loading.abort());
    try {
        return await loading.done;
    } finally {
        stopListening();
    }
}
