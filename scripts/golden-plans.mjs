// Packs llama-quantize's own choices of types into test/golden/quant/plans.json.gz (format: the README there):
// node scripts/golden-plans.mjs FOLDER
//
// FOLDER holds type_plans.json and type_plans_imatrix.json, recorded with llama-quantize --dry-run of llama.cpp v0.5.0:
// { sizes_bpw: { MODEL: { RECIPE: bits } }, models: { MODEL: { arch, kv, tensors: { TENSOR: [shape, type] }, plans: { RECIPE:
// { TENSOR: type } } } } } and { MODEL: { RECIPE: { TENSOR: type } } }. A plan lists the tensors that are quantized, in llama.cpp's
// order; an empty one means that llama-quantize refused.
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** The packed models of a folder of records. Throws when packing would lose something. */
export function packPlans(folder) {
    const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
    const { models, sizes_bpw: bitsPerWeight } = read("type_plans.json");
    const imatrix = read("type_plans_imatrix.json");
    return Object.entries(models).map(([name, { arch, kv, tensors, plans }]) => {
        const quantized = Object.keys(plans.Q4_K_M);
        const first = (key) => [kv[key]].flat()[0];
        const nHeads = first("$.attention.head_count");
        return {
            name,
            architecture: arch,
            nLayers: kv["$.block_count"],
            nHeads,
            nHeadsKv: first("$.attention.head_count_kv") ?? nHeads,
            nExperts: kv["$.expert_count"] ?? 0,
            tensors: [
                ...Object.keys(tensors)
                    .filter((tensor) => !quantized.includes(tensor))
                    .map((tensor) => [tensor, ...tensors[tensor], "kept"]),
                ...quantized.map((tensor) => [tensor, ...tensors[tensor]]),
            ],
            plans: packRecipes(plans, quantized),
            plansWithImatrix: packRecipes(imatrix[name] ?? {}, quantized),
            bitsPerWeight: bitsPerWeight[name],
        };
    });
}

/** `Q4_K*2 Q6_K` per recipe, null for a refusal. */
function packRecipes(plans, quantized) {
    return Object.fromEntries(
        Object.entries(plans).map(([recipe, plan]) => {
            const names = Object.keys(plan);
            if (names.length === 0) return [recipe, null];
            if (names.join() !== quantized.join())
                throw new Error(
                    `${recipe} quantizes other tensors than Q4_K_M, or in another order`,
                );
            return [recipe, runs(Object.values(plan))];
        }),
    );
}

function runs(types) {
    const out = [];
    for (const type of types) {
        if (out.at(-1)?.type === type) out.at(-1).n++;
        else out.push({ type, n: 1 });
    }
    return out.map(({ type, n }) => (n === 1 ? type : `${type}*${n}`)).join(" ");
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
    const [folder] = process.argv.slice(2);
    if (!folder) {
        console.error("usage: node scripts/golden-plans.mjs FOLDER");
        process.exit(2);
    }
    const out = resolve(import.meta.dirname, "../test/golden/quant/plans.json.gz");
    const bytes = gzipSync(JSON.stringify(packPlans(folder)), { level: 9 });
    writeFileSync(out, bytes);
    console.log(`${out}: ${bytes.length} bytes`);
}
