// A real model that says what a test has written: a Qwen2 checkpoint whose only layer adds nothing, and whose output layer knows for each
// token of a script the one that follows. Everything around it is real: tokenizer, template, conversion, engine, grammar. The template
// ends a prompt with the first token of the script that belongs to what was said last; what is not in a script ends the answer.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Each scripted token has a dimension of its own; dimension 0 is that of all the others. */
const HIDDEN = 64;
/** Of the next token; all others have 0, so that it has nearly all of the probability. */
const LOGIT = 24;
const CALL_MARKS = ["<tool_call>", "</tool_call>"];
const END = "<|im_end|>";

/**
 * @typedef {object} Script
 * @property {string} when Text that the last message holds; of several scripts the first counts. "" is every message.
 * @property {"user" | "tool"} role Of the last message.
 * @property {string[]} says Pieces, each of them one token; a call's mark `<tool_call>` is one of the vocabulary.
 */

/**
 * @param {string} root The tree. @param {string} folder Where the checkpoint goes. @param {string} out The GGUF file.
 * @param {{ scripts: Script[], edges?: [string, string][], thinks?: boolean }} what `edges`: tokens of the vocabulary that follow others anyway;
 * `thinks`: the template is of a model that may think first.
 */
export function makeScriptedModel(root, folder, out, { scripts, edges = [], thinks = false }) {
    const starter = join(root, "models", "starter");
    mkdirSync(folder, { recursive: true });
    for (const name of ["tokenizer.json", "tokenizer_config.json", "config.json"])
        cpSync(join(starter, name), join(folder, name));
    const tokens = new Vocabulary(join(folder, "tokenizer.json"));
    for (const mark of CALL_MARKS) tokens.add(mark, false);
    const starts = scripts.map((_, i) => `<|script-${i}|>`);
    /** @type {Map<number, number>} */
    const next = new Map();
    const link = (/** @type {number} */ from, /** @type {number} */ to) => {
        if ((next.get(from) ?? to) !== to) throw new Error(`two tokens follow token ${from}`);
        next.set(from, to);
    };
    const end = tokens.id(END);
    for (const [i, { says }] of scripts.entries()) {
        const ids = [tokens.add(starts[i] ?? "", true)];
        for (const piece of says) ids.push(tokens.find(piece) ?? tokens.add(piece, false));
        for (const [j, id] of ids.entries()) link(id, ids[j + 1] ?? end);
    }
    for (const [from, to] of edges) link(tokens.id(from), tokens.id(to));
    if (next.size >= HIDDEN) throw new Error(`${next.size} scripted tokens are too many`);
    tokens.save();
    change(join(folder, "tokenizer_config.json"), (config) => {
        config.eos_token = END;
        config.chat_template = (thinks ? "{# <think> #}" : "") + template(scripts, starts);
        delete config.added_tokens_decoder;
        delete config.additional_special_tokens;
    });
    change(join(folder, "config.json"), (config) =>
        Object.assign(config, {
            ...{ vocab_size: tokens.size, hidden_size: HIDDEN, intermediate_size: HIDDEN },
            ...{ num_hidden_layers: 1, num_attention_heads: 1, num_key_value_heads: 1 },
            ...{ head_dim: HIDDEN, tie_word_embeddings: false, layer_types: ["full_attention"] },
            ...{ max_window_layers: 1, max_position_embeddings: 65_536, eos_token_id: end },
        }),
    );
    writeFileSync(join(folder, "model.safetensors"), weights(tokens.size, next, end));
    const cli = [join(root, "dist", "cli.mjs"), "convert", folder, "--type", "F32"];
    const made = spawnSync(process.execPath, [...cli, "--out", out, "--overwrite"]);
    if (made.status !== 0) throw new Error(made.stderr.toString());
}

/** The tokens of a `tokenizer.json`, to which others are added. */
class Vocabulary {
    /** @param {string} path */
    constructor(path) {
        this.path = path;
        this.json = JSON.parse(readFileSync(path, "utf8"));
        /** @type {Map<string, number>} */
        this.ids = new Map(Object.entries(this.json.model.vocab));
        for (const { content, id } of this.json.added_tokens) this.ids.set(content, id);
    }

    get size() {
        return this.ids.size;
    }

    /** @param {string} text As the vocabulary spells it. */
    find(text) {
        return this.ids.get(text);
    }

    /** @param {string} text */
    id(text) {
        const id = this.find(text);
        if (id === undefined) throw new Error(`there is no token ${text}`);
        return id;
    }

    /** @param {string} content @param {boolean} special */
    add(content, special) {
        const id = this.size;
        const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false };
        this.json.added_tokens.push({ id, content, special, ...plain });
        this.ids.set(content, id);
        return id;
    }

    save() {
        writeFileSync(this.path, JSON.stringify(this.json));
    }
}

/** Qwen's, with a script's first token in front of each answer; so the next turn begins with the same tokens. */
function template(/** @type {Script[]} */ scripts, /** @type {string[]} */ starts) {
    const choices = scripts
        .map(({ when, role }, i) => {
            const condition = `last.role == '${role}' and ${JSON.stringify(when)} in last.content`;
            return `{%- ${i === 0 ? "if" : "elif"} ${condition} %}{{- '${starts[i]}' }}`;
        })
        .join("");
    const answer = `{{- '<|im_start|>assistant\\n' }}${choices}{%- endif %}`;
    const call = `{{- '<tool_call>\\n{"name": "' + call.name + '", "arguments": ' + call.arguments | tojson + '}\\n</tool_call>' }}`;
    return [
        "{%- if tools %}{{- '<|im_start|>system\\n# Tools\\n' }}{%- for tool in tools %}{{- tool | tojson + '\\n' }}{%- endfor %}{{- '<|im_end|>\\n' }}{%- endif %}",
        "{%- set ns = namespace(last=messages[0]) %}{%- for message in messages %}{%- set last = ns.last %}",
        `{%- if message.role == 'assistant' %}${answer}{{- message.content }}`,
        `{%- for one in message.tool_calls or [] %}{%- set call = one.function or one %}${call}{%- endfor %}{{- '<|im_end|>\\n' }}`,
        "{%- else %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endif %}",
        "{%- set ns.last = message %}{%- endfor %}",
        `{%- if add_generation_prompt %}{%- set last = ns.last %}${answer}{%- endif %}`,
    ].join("");
}

/** @param {number} nTokens @param {Map<number, number>} next @param {number} end @returns {Buffer} Safetensors, F32. */
function weights(nTokens, next, end) {
    const embedding = new Float32Array(nTokens * HIDDEN);
    const output = new Float32Array(nTokens * HIDDEN);
    // The norm makes the one value of a token's row the root of the row's length.
    const logit = LOGIT / Math.sqrt(HIDDEN);
    for (let id = 0; id < nTokens; id++) if (!next.has(id)) embedding[id * HIDDEN] = 1;
    output[end * HIDDEN] = logit;
    for (const [i, [from, to]] of [...next].entries()) {
        embedding[from * HIDDEN + i + 1] = 1;
        output[to * HIDDEN + i + 1] = logit;
    }
    const ones = new Float32Array(HIDDEN).fill(1);
    const zeros = new Float32Array(HIDDEN);
    const square = new Float32Array(HIDDEN * HIDDEN);
    /** @type {[string, number[], Float32Array][]} */
    const tensors = [
        ["model.embed_tokens.weight", [nTokens, HIDDEN], embedding],
        ["lm_head.weight", [nTokens, HIDDEN], output],
        ["model.norm.weight", [HIDDEN], ones],
    ];
    const layer = (/** @type {string} */ name, /** @type {Float32Array} */ values) =>
        tensors.push([
            `model.layers.0.${name}`,
            values === square ? [HIDDEN, HIDDEN] : [HIDDEN],
            values,
        ]);
    for (const name of ["input_layernorm", "post_attention_layernorm"])
        layer(`${name}.weight`, ones);
    for (const name of ["q", "k", "v"]) {
        layer(`self_attn.${name}_proj.weight`, square);
        layer(`self_attn.${name}_proj.bias`, zeros);
    }
    for (const name of ["self_attn.o", "mlp.gate", "mlp.up", "mlp.down"])
        layer(`${name}_proj.weight`, square);
    /** @type {Record<string, unknown>} */
    const header = {};
    let at = 0;
    for (const [name, shape, values] of tensors) {
        header[name] = { dtype: "F32", shape, data_offsets: [at, (at += values.byteLength)] };
    }
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([
        length,
        text,
        ...tensors.map(([, , values]) => Buffer.from(values.buffer)),
    ]);
}

/** @param {string} path @param {(json: any) => unknown} edit */
function change(path, edit) {
    const json = JSON.parse(readFileSync(path, "utf8"));
    edit(json);
    writeFileSync(path, JSON.stringify(json));
}
