/**
 * The self-test of what is written: probe texts go through llama.cpp's tokenizer, loaded from the file, and through the checkpoint's
 * own tokenizer.json in JavaScript; both must give the same ids. A wrong pre-tokenizer, a lost merge or a shifted id shows here, and
 * nowhere else before the model talks nonsense. Reports, never fails.
 */

import { onAbort } from "../base/cancel";
import type { NativeAddon, NativeModel } from "../node/native";
import type { TokenizerCheck } from "../protocol/tokenizerCheck";
import { isObject, type JsonObject } from "./checkpoint/source";
import { runnerFor } from "./tokenizer/encode";
import type { TokenizerFiles } from "./tokenizer/files";

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

/** One probe as the checkpoint's own tokenizer gives it. */
interface ExpectedProbe {
    text: string;
    ids: string;
    /** Why llama.cpp may give something else for it, in every GGUF file. */
    reason: string | undefined;
}

/** What the file's tokenizer must give; or why that is not known. Small: holds no vocabulary. */
export type ExpectedTokens = { probes: readonly ExpectedProbe[] } | { skipped: string };

/** Never throws. */
export function expectTokens(
    { tokenizer: stored, config = {} }: Pick<TokenizerFiles, "tokenizer" | "config">,
    texts: readonly string[] = PROBES,
): ExpectedTokens {
    if (!stored) return { skipped: "the checkpoint has no tokenizer.json" };
    try {
        const json = asRun(stored, config);
        const own = runnerFor(json, config, texts);
        const probes = texts.map((text) => ({
            text,
            ids: own.encode(text, { add_special_tokens: false }).ids.join(),
            reason: knownReason(text, json),
        }));
        return { probes };
    } catch (error) {
        return { skipped: describe(error) };
    }
}

export interface SelfTest {
    expected: ExpectedTokens;
    /** The written file; of its tensors nothing need be there yet. */
    file: string;
    native: NativeAddon;
    signal: AbortSignal;
}

/** Never throws: what keeps it from comparing is its answer. */
export async function checkTokenizer(options: SelfTest): Promise<TokenizerCheck> {
    const { expected } = options;
    if ("skipped" in expected) return nothing(expected.skipped);
    try {
        return await compare(expected.probes, options);
    } catch (error) {
        return nothing(describe(error));
    }
}

function describe(error: unknown): string {
    return error instanceof Error ? error.message.slice(0, 200) : "unknown error";
}

function nothing(skipped: string): TokenizerCheck {
    return { nProbes: 0, nEqual: 0, nKnown: 0, different: [], skipped };
}

async function compare(
    probes: readonly ExpectedProbe[],
    { file, native, signal }: SelfTest,
): Promise<TokenizerCheck> {
    const model = await loadVocabulary(native, file, signal);
    try {
        const check: TokenizerCheck = { nProbes: 0, nEqual: 0, nKnown: 0, different: [] };
        for (const probe of probes) {
            check.nProbes++;
            if (model.tokenize(probe.text).join() === probe.ids) check.nEqual++;
            else note(check, probe);
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

function note(check: TokenizerCheck, { text, reason }: ExpectedProbe): void {
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
