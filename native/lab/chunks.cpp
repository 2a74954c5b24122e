// see chunks.h
#include "chunks.h"

#include "../log.h"
#include "tap.h"

#include <algorithm>
#include <stdexcept>

namespace ingot {

namespace {

// llama.cpp's n_ubatch: what is evaluated at once, in every tool of its
const int32_t N_BATCH = 512;

// The arrays of a llama_batch in which every token is of one sequence.
class chunk_batch {
public:
    explicit chunk_batch(int32_t n_most) : sequences(n_most), sequence_of(n_most), n_sequences(n_most, 1) {
        for (int32_t i = 0; i < n_most; i++) {
            sequence_of[i] = &sequences[i];
        }
    }

    void clear() {
        tokens.clear();
        positions.clear();
        outputs.clear();
    }

    void add(llama_token token, int32_t position, int32_t sequence, bool has_output) {
        sequences[tokens.size()] = sequence;
        tokens.push_back(token);
        positions.push_back(position);
        outputs.push_back(has_output);
    }

    llama_batch view() {
        return { (int32_t) tokens.size(), tokens.data(), nullptr, positions.data(), n_sequences.data(), sequence_of.data(), outputs.data() };
    }

private:
    std::vector<llama_token>    tokens;
    std::vector<llama_pos>      positions;
    std::vector<llama_seq_id>   sequences;
    std::vector<llama_seq_id *> sequence_of;
    std::vector<int32_t>        n_sequences;
    std::vector<int8_t>         outputs;
};

}

model_lease::model_lease(std::shared_ptr<model> owner_) : owner(std::move(owner_)), lock(owner->in_use) {
    if (!owner->handle) {
        throw std::invalid_argument("The model is closed");
    }
}

void chunk_plan::check(const model & m) const {
    if (n_ctx < 2 || n_chunks < 1 || first_output < 0 || first_output >= n_ctx || (int64_t) n_ctx * n_chunks > (int64_t) tokens.size()) {
        throw std::invalid_argument("The chunks do not fit the tokens");
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

chunk_evaluator::chunk_evaluator(std::shared_ptr<model> owner_, const chunk_plan & plan, std::function<bool()> is_stopped_, tap * observer_)
    : owner(std::move(owner_)), is_stopped(std::move(is_stopped_)), observer(observer_) {
    if (owner->vocab_only || !api.llama_model_has_decoder(owner->handle) || api.llama_model_has_encoder(owner->handle)) {
        throw std::runtime_error("This model is not a text generator");
    }
    plan.check(*owner);

    llama_context_params params = api.llama_context_default_params();
    params.n_ctx                = plan.n_ctx * plan.n_seq();
    params.n_batch              = plan.n_step() * plan.n_seq();
    params.n_ubatch             = params.n_batch;
    params.n_seq_max            = plan.n_seq();
    params.n_outputs_max        = plan.n_outputs();
    params.n_threads            = plan.n_threads;
    params.n_threads_batch      = plan.n_threads;
    params.swa_full             = false; // no tail is ever removed
    params.abort_callback       = should_abort;
    params.abort_callback_data  = this;
    if (observer) {
        params.cb_eval           = tap::on_node;
        params.cb_eval_user_data = observer;
    }
    log_capture captured;
    try {
        context = api.llama_init_from_model(owner->handle, params);
    } catch (const std::exception & error) {
        throw std::runtime_error(std::string("llama.cpp cannot make a context: ") + error.what());
    }
    if (!context) {
        const std::string reason = captured.errors();
        throw std::runtime_error("llama.cpp cannot make a context of " + std::to_string(params.n_ctx) + " tokens" +
                                 (reason.empty() ? "; try a smaller one" : ": " + reason));
    }
    // else ggml would start its threads anew for every graph, and with an observer there is one for every few nodes
    ggml_threadpool_params pool_params = api.ggml_threadpool_params_default(plan.n_threads);
    pool = api.ggml_threadpool_new(&pool_params);
    if (pool) {
        api.llama_attach_threadpool(context, pool, pool);
    }
}

chunk_evaluator::~chunk_evaluator() {
    if (context) {
        api.llama_free(context);
    }
    if (pool) {
        api.ggml_threadpool_free(pool);
    }
}

bool chunk_evaluator::should_abort(void * self) {
    return ((chunk_evaluator *) self)->is_stopped();
}

void chunk_evaluator::clear() {
    api.llama_memory_clear(api.llama_get_memory(context), true);
}

void chunk_evaluator::decode(llama_batch batch) {
    if (is_stopped()) {
        throw cancelled_error();
    }
    log_capture   captured;
    const int32_t code = api.llama_decode(context, batch);
    api.llama_synchronize(context);
    if (observer) {
        observer->rethrow();
    }
    if (is_stopped()) {
        throw cancelled_error();
    }
    if (code != 0) {
        const std::string reason = captured.errors();
        throw std::runtime_error("llama.cpp cannot evaluate the text" + (reason.empty() ? " (code " + std::to_string(code) + ")" : ": " + reason));
    }
}

const float * chunk_evaluator::logits(int32_t index) const {
    return api.llama_get_logits_ith(context, index);
}

void evaluate_chunks(const chunk_plan & plan, const std::vector<chunk_evaluator *> & evaluators, const std::function<void(const chunk_slice &)> & visit) {
    const llama_vocab * vocab  = evaluators.front()->owner->vocab;
    const bool          add_bos = api.llama_vocab_get_add_bos(vocab);
    const int32_t       n_seq  = plan.n_seq();
    const int32_t       n_step = plan.n_step();
    chunk_batch         batch(n_seq * n_step);
    for (int32_t chunk = 0; chunk < plan.n_chunks; chunk += n_seq) {
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
