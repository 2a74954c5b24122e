// see decoder.h
#include "decoder.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

namespace ingot {

double now_ms() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

decoder::decoder(std::shared_ptr<model> model_, const context_options & options_, std::function<bool()> is_aborted)
    : owner(std::move(model_)),
      options(options_),
      is_aborted(std::move(is_aborted)),
      threads(options_.n_threads),
      speed(options_.n_slice, options_.slice_ms),
      n_threads_set(options_.n_threads),
      give_up_ms(INFINITY),
      yield_ms(INFINITY),
      half_ms(INFINITY) {
    if (owner->vocab_only) {
        throw std::invalid_argument("A model loaded with vocabOnly has no weights to make a context with");
    }
    if (!api.llama_model_has_decoder(owner->handle) || api.llama_model_has_encoder(owner->handle)) {
        throw std::invalid_argument("This model is not a text generator");
    }
    if (options.n_cells < 1 || options.n_sequences < 1 || options.n_sequences > 64 || options.n_slice < 1 || options.n_threads < 1 ||
        options.n_threads > GGML_MAX_N_THREADS) {
        throw std::invalid_argument("contextTokens, sliceTokens and threads must be at least 1, nSequences 1 to 64");
    }
    if (!(options.slice_ms >= 0.0)) {
        throw std::invalid_argument("sliceMs must be at least 0");
    }

    const int32_t n_logits = owner->info.can_trim ? N_LOGITS_MOST : 1; // drafts need that a tail can be dropped

    llama_context_params params  = api.llama_context_default_params();
    params.n_ctx                 = options.n_cells;
    params.n_batch               = std::max({ options.n_slice, options.n_sequences, n_logits });
    params.n_ubatch              = params.n_batch; // an aborted micro-batch is lost, and a slice is what may be lost
    params.n_seq_max             = options.n_sequences;
    params.n_outputs_max         = std::max(options.n_sequences, n_logits); // not a row of logits per prompt token
    params.n_threads             = options.n_threads;
    params.n_threads_batch       = options.n_threads;
    params.kv_unified            = true; // an idle lane's cells are free for the others
    params.swa_full              = true; // else the tail of a sliding window could not be removed
    params.abort_callback        = should_abort;
    params.abort_callback_data   = this;

    context = make_context(*owner, params, " of " + std::to_string(options.n_cells) + " tokens", "; try a smaller one");

    // ggml's own pool polls between graphs, which takes the processor from whatever else the computer does
    ggml_threadpool_params pool_params = api.ggml_threadpool_params_default(options.n_threads);
    pool_params.poll = 0;
    pool = api.ggml_threadpool_new(&pool_params);
    if (pool) {
        api.llama_attach_threadpool(context, pool, pool);
    }
    held = std::make_unique<sequences>(context, options.n_sequences, options.n_cells, owner->info.n_layers_offloaded > 0, owner->info.can_trim,
                                       owner->info.n_window);
}

decoder::~decoder() {
    close();
}

void decoder::close() {
    if (context) {
        api.llama_free(context);
        context = nullptr;
    }
    if (pool) {
        api.ggml_threadpool_free(pool);
        pool = nullptr;
    }
}

// on the worker's thread, which computes the graph with the others
bool decoder::should_abort(void * user) {
    auto *       self = (decoder *) user;
    const double now  = now_ms();
    self->why = self->is_aborted()        ? cause::aborted
              : now > self->yield_ms      ? cause::yielded
              : now > self->give_up_ms    ? cause::given_up
                                          : cause::none;
    return self->why != cause::none;
}

void decoder::begin_slice() {
    half_ms  = INFINITY;
    yield_ms = INFINITY;
}

void decoder::yield() {
    if (options.slice_ms > 0.0 && owner->info.can_trim) { // a recurrent model would lose more than the slice
        const double now = now_ms();
        yield_ms = std::min(yield_ms.load(), now < half_ms ? now : now + options.slice_ms);
    }
}

// With as many threads as the governor thinks right. When that was a mistake it thinks otherwise the next time.
sequences::decoded decoder::decode(int32_t sequence, llama_token * tokens, int32_t n, int32_t n_logits, const std::function<bool(int32_t)> & is_idle) {
    const double         start = now_ms();
    const bool           on_gpu = owner->info.n_layers_offloaded > 0; // the threads mostly wait for the device
    const governor::plan plan  = on_gpu ? governor::plan{ options.n_threads, INFINITY } : threads.next(n, start);
    if (plan.n_threads != n_threads_set) {
        api.llama_set_n_threads(context, plan.n_threads, plan.n_threads);
        n_threads_set = plan.n_threads;
    }
    why        = cause::none;
    half_ms    = start + 0.5 * speed.expected_ms(n);
    // a recurrent model would lose its whole sequence with the slice
    give_up_ms = owner->info.can_trim ? start + plan.limit_ms : INFINITY;
    const sequences::decoded result = held->decode(sequence, tokens, n, n_logits, is_idle);
    const double             end    = now_ms();

    const bool given_up = result == sequences::decoded::aborted && why == cause::given_up;
    if (!on_gpu && (given_up || result == sequences::decoded::done)) {
        threads.report(plan, n, end - start, given_up, end);
    }
    if (result == sequences::decoded::done && n_logits < 2) {
        speed.report(n, end - start);
    }
    return result;
}

float * decoder::logits(int32_t index) {
    return api.llama_get_logits_ith(context, index);
}

}
