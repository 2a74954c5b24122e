// see chunks.h
#include "chunks.h"

#include <algorithm>
#include <stdexcept>

namespace ingot {

namespace {

// llama.cpp's n_ubatch: what is evaluated at once, in every tool of its
const int32_t N_BATCH = 512;

llama_context_params params_of(const chunk_plan & plan, const model & m) {
    plan.check(m);
    llama_context_params params = api.llama_context_default_params();
    params.n_ctx                = plan.n_ctx * plan.n_seq();
    params.n_batch              = plan.n_step() * plan.n_seq();
    params.n_ubatch             = params.n_batch;
    params.n_seq_max            = plan.n_seq();
    params.n_outputs_max        = plan.n_outputs();
    params.n_threads            = plan.n_threads;
    params.n_threads_batch      = plan.n_threads;
    params.swa_full             = false; // no tail is ever removed
    return params;
}

}

void chunk_plan::check(const model & m) const {
    if (n_ctx < 2 || n_chunks < 1 || first_output < 0 || first_output >= n_ctx || (int64_t) n_ctx * n_chunks > (int64_t) tokens.size()) {
        throw std::invalid_argument("The chunks do not fit the tokens");
    }
    if (first_chunk < 0 || first_chunk >= n_chunks || first_chunk % n_seq() != 0) {
        throw std::invalid_argument("No batch begins at chunk " + std::to_string(first_chunk));
    }
    if (n_threads < 1 || n_threads > GGML_MAX_N_THREADS) {
        throw std::invalid_argument("threads must be 1 to " + std::to_string(GGML_MAX_N_THREADS));
    }
    for (const llama_token token : tokens) {
        if (!m.is_token(token)) {
            throw std::invalid_argument("Token " + std::to_string(token) + " is not in the vocabulary");
        }
    }
}

int32_t chunk_plan::n_seq() const {
    return std::min(n_chunks, std::max(1, N_BATCH / n_ctx));
}

int32_t chunk_plan::n_step() const {
    return std::min(n_ctx, N_BATCH);
}

int32_t chunk_plan::n_outputs() const {
    const int32_t n = n_ctx - first_output;
    return n_seq() * std::min(n, n_step());
}

chunk_evaluator::chunk_evaluator(std::shared_ptr<model> owner, const chunk_plan & plan, std::function<bool()> is_stopped, tap * observer)
    : evaluator(owner, params_of(plan, *owner), std::move(is_stopped), observer) {}

void evaluate_chunks(const chunk_plan & plan, const std::vector<chunk_evaluator *> & evaluators, const std::function<void(const chunk_slice &)> & visit) {
    const llama_vocab * vocab  = evaluators.front()->owner->vocab;
    const bool          add_bos = api.llama_vocab_get_add_bos(vocab);
    const int32_t       n_seq  = plan.n_seq();
    const int32_t       n_step = plan.n_step();
    sequence_batch      batch(n_seq * n_step);
    for (int32_t chunk = plan.first_chunk; chunk < plan.n_chunks; chunk += n_seq) {
        const int32_t n = std::min(n_seq, plan.n_chunks - chunk);
        for (chunk_evaluator * evaluator : evaluators) {
            evaluator->clear();
        }
        for (int32_t from = 0; from < plan.n_ctx; from += n_step) {
            const chunk_slice slice = { chunk, n, from, std::min(n_step, plan.n_ctx - from) };
            batch.clear();
            for (int32_t s = 0; s < n; s++) {
                const llama_token * tokens = plan.tokens.data() + (size_t) (chunk + s) * plan.n_ctx;
                for (int32_t position = from; position < from + slice.n_tokens; position++) {
                    const llama_token token = position == 0 && add_bos ? api.llama_vocab_bos(vocab) : tokens[position];
                    batch.add(token, position, s, position >= plan.first_output);
                }
            }
            for (chunk_evaluator * evaluator : evaluators) {
                evaluator->decode(batch.view());
            }
            visit(slice);
        }
    }
}

}
