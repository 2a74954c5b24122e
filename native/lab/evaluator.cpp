// see evaluator.h
#include "evaluator.h"

#include "../log.h"
#include "tap.h"

#include <stdexcept>

namespace ingot {

model_lease::model_lease(std::shared_ptr<model> owner_) : owner(std::move(owner_)), lock(owner->in_use) {
    if (!owner->handle) {
        throw std::invalid_argument("The model is closed");
    }
}

sequence_batch::sequence_batch(int32_t n_most) : sequences(n_most), sequence_of(n_most), n_sequences(n_most, 1) {
    for (int32_t i = 0; i < n_most; i++) {
        sequence_of[i] = &sequences[i];
    }
}

void sequence_batch::clear() {
    tokens.clear();
    positions.clear();
    outputs.clear();
}

void sequence_batch::add(llama_token token, int32_t position, int32_t sequence, bool has_output) {
    sequences[tokens.size()] = sequence;
    tokens.push_back(token);
    positions.push_back(position);
    outputs.push_back(has_output);
}

llama_batch sequence_batch::view(int32_t from, int32_t n) {
    return { n, tokens.data() + from, nullptr, positions.data() + from, n_sequences.data() + from, sequence_of.data() + from, outputs.data() + from };
}

evaluator::evaluator(std::shared_ptr<model> owner_, llama_context_params params, std::function<bool()> is_stopped_, tap * observer_)
    : owner(std::move(owner_)), is_stopped(std::move(is_stopped_)), observer(observer_) {
    if (owner->vocab_only || !api.llama_model_has_decoder(owner->handle) || api.llama_model_has_encoder(owner->handle)) {
        throw std::runtime_error("This model is not a text generator");
    }
    params.abort_callback      = should_abort;
    params.abort_callback_data = this;
    if (observer) {
        params.cb_eval           = tap::on_node;
        params.cb_eval_user_data = observer;
    }
    context = make_context(*owner, params, " of " + std::to_string(params.n_ctx) + " tokens", "; try a smaller one");
    // else ggml would start its threads anew for every graph, and with an observer there is one for every few nodes
    ggml_threadpool_params pool_params = api.ggml_threadpool_params_default(params.n_threads);
    pool = api.ggml_threadpool_new(&pool_params);
    if (pool) {
        api.llama_attach_threadpool(context, pool, pool);
    }
}

evaluator::~evaluator() {
    if (context) {
        api.llama_free(context);
    }
    if (pool) {
        api.ggml_threadpool_free(pool);
    }
}

bool evaluator::should_abort(void * self) {
    return ((evaluator *) self)->is_stopped();
}

void evaluator::clear() {
    api.llama_memory_clear(memory(), true);
}

void evaluator::decode(llama_batch batch) {
    if (is_stopped()) {
        throw cancelled_error();
    }
    if (observer) {
        observer->begin();
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

const float * evaluator::logits(int32_t index) const {
    return api.llama_get_logits_ith(context, index);
}

}
