// see embedder.h
#include "embedder.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#ifdef _WIN32
#    define WIN32_LEAN_AND_MEAN
#    define NOMINMAX
#    include <windows.h>
#elif defined(__APPLE__)
#    include <pthread.h>
#else
#    include <sys/resource.h>
#endif

namespace ingot {

namespace {

// Where that is not allowed the thread runs as it is.
void lower_priority() {
#if defined(_WIN32)
    SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_LOWEST);
#elif defined(__APPLE__)
    pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0);
#else
    (void) !setpriority(PRIO_PROCESS, 0, 19); // on Linux, of the calling thread alone
#endif
}

void append_unit(std::vector<float> & values, const float * vector, int32_t n) {
    double sum = 0.0;
    for (int32_t i = 0; i < n; i++) {
        sum += (double) vector[i] * vector[i];
    }
    const double scale = sum > 0.0 && std::isfinite(sum) ? 1.0 / std::sqrt(sum) : 0.0;
    for (int32_t i = 0; i < n; i++) {
        values.push_back(scale == 0.0 ? 0.0f : (float) (vector[i] * scale));
    }
}

}

embedder::embedder(std::shared_ptr<model> model_, const embedder_options & options_)
    : owner(std::move(model_)),
      options(options_),
      n_dimensions(owner->vocab_only ? 0 : api.llama_model_n_embd_out(owner->handle)) {
    if (owner->vocab_only) {
        throw std::invalid_argument("A model loaded with vocabOnly has no weights to make a context with");
    }
    if (api.llama_model_has_decoder(owner->handle) && api.llama_model_has_encoder(owner->handle)) {
        throw std::invalid_argument("This model translates texts and has no vectors for them");
    }
    if (options.n_tokens < 1 || options.n_texts < 1 || options.n_texts > 64) {
        throw std::invalid_argument("maxTokens must be at least 1, maxTexts 1 to 64");
    }

    llama_context_params params = api.llama_context_default_params();
    params.n_ctx               = options.n_tokens;
    params.n_batch             = std::max(options.n_tokens, options.n_texts);
    params.n_ubatch            = params.n_batch; // a text is pooled in one piece
    params.n_seq_max           = options.n_texts;
    params.n_threads           = 1; // no barriers, at which threads spin
    params.n_threads_batch     = 1;
    params.embeddings          = true;
    params.pooling_type        = options.pooling;
    params.kv_unified          = true;
    params.abort_callback      = should_abort;
    params.abort_callback_data = this;

    context = make_context(*owner, params, " for embeddings", "");
    worker = std::thread([this] { run(); });
}

embedder::~embedder() {
    close();
}

std::shared_ptr<std::atomic<bool>> embedder::submit(std::vector<std::vector<llama_token>> texts, std::function<void(embedded)> on_done) {
    if (texts.empty() || (int32_t) texts.size() > options.n_texts) {
        throw std::invalid_argument("A batch has 1 to " + std::to_string(options.n_texts) + " texts");
    }
    size_t n_tokens = 0;
    for (const auto & text : texts) {
        n_tokens += text.size();
        if (text.empty() || (int64_t) text.size() > owner->info.n_trained_context) {
            throw std::invalid_argument("A text has 1 to " + std::to_string(owner->info.n_trained_context) + " tokens");
        }
        for (const llama_token token : text) {
            if (!owner->is_token(token)) {
                throw std::invalid_argument("Token " + std::to_string(token) + " is not in the vocabulary");
            }
        }
    }
    if (n_tokens > (size_t) options.n_tokens) {
        throw std::invalid_argument("The texts of a batch have " + std::to_string(options.n_tokens) + " tokens at most");
    }
    batch b;
    b.texts   = std::move(texts);
    b.on_done = std::move(on_done);
    const auto is_aborted = b.is_aborted;
    {
        std::lock_guard<std::mutex> lock(mutex);
        if (closing) {
            throw std::invalid_argument("The context is closed");
        }
        queue.push_back(std::move(b));
    }
    wake.notify_one();
    return is_aborted;
}

void embedder::run() {
    lower_priority();
    while (true) {
        batch b;
        {
            std::unique_lock<std::mutex> lock(mutex);
            wake.wait(lock, [this] { return closing || !queue.empty(); });
            if (closing) {
                return;
            }
            b = std::move(queue.front());
            queue.pop_front();
        }
        b.on_done(compute(b));
    }
}

embedded embedder::compute(const batch & b) {
    std::vector<llama_token>    tokens;
    std::vector<llama_pos>      positions;
    std::vector<llama_seq_id>   ids;
    for (size_t i = 0; i < b.texts.size(); i++) {
        for (size_t at = 0; at < b.texts[i].size(); at++) {
            tokens.push_back(b.texts[i][at]);
            positions.push_back((llama_pos) at);
            ids.push_back((llama_seq_id) i);
        }
    }
    std::vector<int32_t>        counts(tokens.size(), 1);
    std::vector<llama_seq_id *> id_pointers;
    for (llama_seq_id & id : ids) {
        id_pointers.push_back(&id);
    }
    std::vector<int8_t> outputs(tokens.size(), 1);
    llama_batch raw = { (int32_t) tokens.size(), tokens.data(), nullptr, positions.data(), counts.data(), id_pointers.data(), outputs.data() };

    embedded out;
    current = b.is_aborted.get();
    // one that reads from left to right has memory; what it holds is of other texts
    if (llama_memory_t memory = api.llama_get_memory(context)) {
        api.llama_memory_clear(memory, false);
    }
    const int32_t status = api.llama_model_has_decoder(owner->handle) ? api.llama_decode(context, raw) : api.llama_encode(context, raw);
    out.is_aborted       = *current || closing;
    current              = nullptr;
    if (out.is_aborted) {
        return out;
    }
    if (status != 0) {
        out.error = "llama.cpp could not compute the embeddings (" + std::to_string(status) + ")";
        return out;
    }
    for (size_t i = 0; i < b.texts.size(); i++) {
        const float * vector = api.llama_get_embeddings_seq(context, (llama_seq_id) i);
        if (!vector) {
            out.error = "llama.cpp has no embedding for a text";
            return out;
        }
        append_unit(out.values, vector, n_dimensions);
    }
    return out;
}

bool embedder::should_abort(void * user) {
    const auto * self = (const embedder *) user;
    return self->closing || (self->current && *self->current);
}

void embedder::close() {
    std::lock_guard<std::mutex> once(close_mutex);
    {
        std::lock_guard<std::mutex> lock(mutex);
        closing = true;
    }
    wake.notify_all();
    if (worker.joinable()) {
        worker.join();
    }
    std::deque<batch> left;
    {
        std::lock_guard<std::mutex> lock(mutex);
        left.swap(queue);
    }
    for (const batch & b : left) {
        embedded out;
        out.is_aborted = true;
        b.on_done(out);
    }
    if (context) {
        api.llama_free(context);
        context = nullptr;
    }
}

}
