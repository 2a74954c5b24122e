// see lanes.h
#include "lanes.h"

#include "log.h"
#include "text.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

namespace ingot {

namespace {

// how far back the repeat penalty looks, as in llama.cpp
const size_t N_PENALTY_TOKENS = 64;

double now_ms() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}

struct request {
    request(generate_options o, std::function<void(chunk)> on_chunk, std::function<void(outcome)> on_done)
        : options(std::move(o)),
          on_chunk(std::move(on_chunk)),
          on_done(std::move(on_done)),
          tokens(options.tokens),
          forced(options.forced_prefix),
          gate(options.stop_texts),
          choose(options.sampling, options.banned_tokens) {}

    const generate_options            options;
    const std::function<void(chunk)>   on_chunk;
    const std::function<void(outcome)> on_done;
    std::atomic<bool>                 aborted{ false };

    // of the worker, or of whoever holds the lock while the worker does not step this request
    uint64_t                 served  = 0; // clock of the last slice: equals take turns
    bool                     started = false;
    std::vector<llama_token> tokens; // prompt and what was generated; the KV cache holds a beginning of it
    std::string              forced; // bytes that the text still has to begin with
    text_gate                gate;
    sampler                  choose;
    double                   log_probability = 0.0;
    outcome                  result;
};

lanes::lanes(std::shared_ptr<model> model_, const context_options & options_)
    : owner(std::move(model_)), options(options_), is_idle([this](int32_t sequence) {
          std::lock_guard<std::mutex> lock(mutex);
          return !in_use(sequence);
      }),
      threads(options_.n_threads),
      n_threads_set(options_.n_threads), give_up_ms(INFINITY) {
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

    llama_context_params params  = api.llama_context_default_params();
    params.n_ctx                 = options.n_cells;
    params.n_batch               = std::max(options.n_slice, options.n_sequences);
    params.n_ubatch              = params.n_batch; // an aborted micro-batch is lost, and a slice is what may be lost
    params.n_seq_max             = options.n_sequences;
    params.n_outputs_max         = options.n_sequences; // room for a row of logits each, not for one per prompt token
    params.n_threads             = options.n_threads;
    params.n_threads_batch       = options.n_threads;
    params.kv_unified            = true; // an idle lane's cells are free for the others
    params.swa_full              = true; // else the tail of a sliding window could not be removed
    params.abort_callback        = should_abort;
    params.abort_callback_data   = this;

    log_capture captured;
    try {
        context = api.llama_init_from_model(owner->handle, params);
    } catch (const std::exception & error) {
        throw std::runtime_error(std::string("llama.cpp cannot make a context: ") + error.what());
    }
    if (!context) {
        const std::string reason = captured.errors();
        throw std::runtime_error("llama.cpp cannot make a context of " + std::to_string(options.n_cells) + " tokens" +
                                 (reason.empty() ? "; try a smaller one" : ": " + reason));
    }

    // ggml's own pool polls between graphs, which takes the processor from whatever else the computer does
    ggml_threadpool_params pool_params = api.ggml_threadpool_params_default(options.n_threads);
    pool_params.poll = 0;
    pool = api.ggml_threadpool_new(&pool_params);
    if (pool) {
        api.llama_attach_threadpool(context, pool, pool);
    }
    held   = std::make_unique<sequences>(context, options.n_sequences, options.n_cells, owner->info.n_layers_offloaded > 0);
    worker = std::thread([this] { run(); });
}

lanes::~lanes() {
    close();
}

std::shared_ptr<request> lanes::submit(generate_options o, std::function<void(chunk)> on_chunk, std::function<void(outcome)> on_done) {
    check_sequence(o.sequence);
    if (o.tokens.empty()) {
        throw std::invalid_argument("There are no tokens to evaluate");
    }
    if (o.max_tokens < 0) {
        throw std::invalid_argument("maxTokens must be at least 0");
    }
    for (const auto * list : { &o.tokens, &o.banned_tokens }) {
        for (llama_token token : *list) {
            if (!owner->is_token(token)) {
                throw std::invalid_argument("Token " + std::to_string(token) + " is not in the vocabulary");
            }
        }
    }
    int32_t             n_suppressed = 0;
    const llama_token * suppressed   = api.llama_vocab_get_suppress_tokens(owner->vocab, &n_suppressed);
    for (int32_t i = 0; i < n_suppressed; i++) {
        if (owner->is_token(suppressed[i])) {
            o.banned_tokens.push_back(suppressed[i]);
        }
    }

    auto r = std::make_shared<request>(std::move(o), std::move(on_chunk), std::move(on_done));
    std::lock_guard<std::mutex> lock(mutex);
    if (closing) {
        throw std::invalid_argument("The context is closed");
    }
    r->served = ++clock;
    queue.push_back(r);
    wake.notify_one();
    return r;
}

void lanes::abort(const std::shared_ptr<request> & which) {
    std::unique_lock<std::mutex> lock(mutex);
    which->aborted = true;
    if (which != running && std::find(queue.begin(), queue.end(), which) != queue.end()) {
        which->result.stop = stop_reason::aborted;
        finish(lock, which);
    }
}

void lanes::check_sequence(int32_t sequence) const {
    if (sequence < 0 || sequence >= options.n_sequences) {
        throw std::invalid_argument("There is no sequence " + std::to_string(sequence));
    }
}

int32_t lanes::sequence_length(int32_t sequence) const {
    check_sequence(sequence);
    return held->published_size(sequence);
}

void lanes::clear_sequence(int32_t sequence) {
    check_sequence(sequence);
    std::lock_guard<std::mutex> lock(mutex);
    held->request_clear(sequence, !in_use(sequence));
    wake.notify_one();
}

void lanes::close() {
    std::lock_guard<std::mutex> close_lock(close_mutex);
    {
        std::lock_guard<std::mutex> lock(mutex);
        closing = true;
    }
    wake.notify_all();
    if (worker.joinable()) {
        worker.join();
    }
    if (context) {
        api.llama_free(context);
        context = nullptr;
    }
    if (pool) {
        api.ggml_threadpool_free(pool);
        pool = nullptr;
    }
}

bool lanes::should_abort(void * user) {
    auto * self = (lanes *) user;
    // `running` changes only between slices, by the thread that waits for this graph
    return self->closing || (self->running && self->running->aborted) || now_ms() > self->give_up_ms;
}

//
// the loop
//

void lanes::run() {
    std::unique_lock<std::mutex> lock(mutex);
    while (true) {
        wake.wait(lock, [this] { return closing || !queue.empty() || held->has_clears(); });
        if (closing) {
            break;
        }
        held->apply_clears([this](int32_t sequence) {
            return std::none_of(queue.begin(), queue.end(), [&](const auto & r) { return r->options.sequence == sequence && r->started; });
        });
        std::shared_ptr<request> r = pick();
        if (!r) {
            continue;
        }
        running = r;
        lock.unlock();
        bool is_done = true;
        try {
            is_done = step(*r);
        } catch (const std::exception & error) {
            r->result.error = std::string("llama.cpp failed: ") + error.what();
            held->request_clear(r->options.sequence, false); // what it holds now is not known
        }
        lock.lock();
        running = nullptr;
        if (is_done) {
            finish(lock, r);
        }
    }
    while (!queue.empty()) {
        queue.front()->result.stop = stop_reason::aborted;
        finish(lock, queue.front());
    }
}

// With the lock. Highest priority first, among equals the one that waited longest. Of requests for the same sequence
// only the oldest can run.
std::shared_ptr<request> lanes::pick() {
    std::vector<bool>        taken(options.n_sequences, false);
    std::shared_ptr<request> best;
    for (const auto & r : queue) {
        if (taken[r->options.sequence]) {
            continue;
        }
        taken[r->options.sequence] = true;
        if (!best || r->options.priority > best->options.priority || (r->options.priority == best->options.priority && r->served < best->served)) {
            best = r;
        }
    }
    if (best) {
        best->served = ++clock;
        // still in the queue, so not finished
        if (latest && latest != best && latest->options.priority < best->options.priority &&
            std::find(queue.begin(), queue.end(), latest) != queue.end()) {
            latest->result.n_preemptions++;
        }
        latest = best;
    }
    return best;
}

// With the lock, which is released for the callback. Takes the request from the queue and completes its result.
void lanes::finish(std::unique_lock<std::mutex> & lock, const std::shared_ptr<request> & which) {
    const std::shared_ptr<request> r = which;
    queue.erase(std::find(queue.begin(), queue.end(), r));
    if (latest == r) {
        latest = nullptr;
    }
    const std::string rest = r->gate.flush();
    outcome &         out  = r->result;
    out.text        = r->gate.text();
    out.stop_text   = r->gate.stop_text();
    out.n_generated = (int32_t) out.tokens.size();
    out.confidence  = out.tokens.empty() ? 1.0 : std::exp(r->log_probability / out.tokens.size());
    lock.unlock();
    if (!rest.empty() && r->on_chunk) {
        chunk last;
        last.text = rest;
        r->on_chunk(std::move(last));
    }
    r->on_done(std::move(out));
    lock.lock();
}

bool lanes::in_use(int32_t sequence) const {
    return std::any_of(queue.begin(), queue.end(), [&](const auto & r) { return r->options.sequence == sequence; });
}

//
// one slice, outside the lock
//

// true when the request is over
bool lanes::step(request & r) {
    const int32_t sequence = r.options.sequence;
    const size_t  n_prompt = r.options.tokens.size();
    if (!r.started) {
        r.started     = true;
        r.result.stop = stop_reason::context_full;
        if (n_prompt > (size_t) options.n_cells) {
            return true; // before what the sequence holds is given up for nothing
        }
        // the last prompt token is evaluated again when something is to be generated: its logits are gone
        held->keep_common(sequence, r.tokens, r.options.max_tokens > 0 ? n_prompt - 1 : n_prompt);
        r.result.n_reused = (int32_t) held->size(sequence);
    }
    if (r.aborted) {
        r.result.stop = stop_reason::aborted;
        return true;
    }
    const size_t n_before  = held->size(sequence);
    const size_t n_pending = r.tokens.size() - n_before;
    if (n_pending == 0) { // a warm-up that found everything in place
        r.result.stop = stop_reason::max_tokens;
        return true;
    }
    const int32_t n         = (int32_t) std::min(n_pending, (size_t) options.n_slice);
    const bool    is_last   = (size_t) n == n_pending;
    const bool    in_prompt = n_before < n_prompt;
    const double  start     = now_ms();
    const bool    evaluated = evaluate(r, n, is_last && r.options.max_tokens > 0);
    (in_prompt ? r.result.prompt_ms : r.result.generate_ms) += now_ms() - start;
    if (!evaluated) {
        return true;
    }
    if (in_prompt) {
        r.result.n_prompt += n;
        if (r.on_chunk) {
            chunk progress;
            progress.prompt_done  = (int32_t) (n_before + n);
            progress.prompt_total = (int32_t) n_prompt;
            r.on_chunk(std::move(progress));
        }
    }
    if (r.aborted) {
        r.result.stop = stop_reason::aborted;
        return true;
    }
    if (!is_last) {
        return false;
    }
    if (r.options.max_tokens == 0) {
        r.result.stop = stop_reason::max_tokens;
        return true;
    }
    const double sampling_start = now_ms();
    const bool   is_done        = advance(r);
    r.result.generate_ms += now_ms() - sampling_start;
    return is_done;
}

// Evaluates the next n tokens. False when the request is over, with the reason in its result.
bool lanes::evaluate(request & r, int32_t n, bool with_logits) {
    r.result.stop = stop_reason::context_full;
    if (!held->make_room(r.options.sequence, n, is_idle)) {
        return false;
    }
    switch (decode(r, n, with_logits)) {
        case sequences::decoded::done:
            return true;
        case sequences::decoded::no_room:
            return false;
        case sequences::decoded::aborted:
            r.result.stop = stop_reason::aborted;
            return false;
        case sequences::decoded::failed:
            break;
    }
    r.result.error = "llama.cpp failed to evaluate " + std::to_string(n) + " tokens";
    return false;
}

// With as many threads as the governor thinks right; again with one when that was a mistake.
sequences::decoded lanes::decode(request & r, int32_t n, bool with_logits) {
    const int32_t sequence = r.options.sequence;
    llama_token * tokens   = r.tokens.data() + held->size(sequence);
    if (owner->info.n_layers_offloaded > 0) {
        return held->decode(sequence, tokens, n, with_logits, is_idle); // the threads mostly wait for the device
    }
    while (true) {
        const double         start = now_ms();
        const governor::plan plan  = threads.next(n, start);
        if (plan.n_threads != n_threads_set) {
            api.llama_set_n_threads(context, plan.n_threads, plan.n_threads);
            n_threads_set = plan.n_threads;
        }
        // a recurrent model would lose its whole sequence with the slice
        give_up_ms = owner->info.can_trim ? start + plan.limit_ms : INFINITY;
        const sequences::decoded result = held->decode(sequence, tokens, n, with_logits, is_idle);
        const double             end    = now_ms();
        const bool given_up = result == sequences::decoded::aborted && !r.aborted && !closing;
        if (given_up || result == sequences::decoded::done) {
            threads.report(plan, n, end - start, given_up, end);
        }
        if (!given_up) {
            return result;
        }
    }
}

// Samples after a complete evaluation. True when the request is over.
bool lanes::advance(request & r) {
    float * logits = api.llama_get_logits_ith(context, -1);
    if (!logits) {
        r.result.error = "llama.cpp returned no logits";
        return true;
    }
    const int32_t * tail     = r.tokens.data() + (r.tokens.size() - std::min(r.tokens.size(), N_PENALTY_TOKENS));
    const size_t    n_recent = r.tokens.data() + r.tokens.size() - tail;
    if (r.forced.empty()) {
        const sampler::choice c = r.choose.choose(logits, owner->info.n_vocabulary, nullptr, tail, n_recent);
        if (c.token < 0) {
            r.result.error = "Every token is banned";
            return true;
        }
        return accept(r, c.token, c.probability);
    }

    const std::vector<llama_token> allowed = owner->continuing(r.forced);
    const sampler::choice c = allowed.empty() ? sampler::choice{} : r.choose.choose(logits, owner->info.n_vocabulary, &allowed, tail, n_recent);
    if (c.token < 0) {
        // the vocabulary cannot spell it from here: continue as if the prompt had ended with it
        const std::vector<llama_token> rest = owner->tokenize(r.forced, false, false);
        r.forced.clear();
        if (rest.empty()) {
            return advance(r);
        }
        r.tokens.insert(r.tokens.end(), rest.begin(), rest.end());
        return false;
    }
    return accept(r, c.token, c.probability);
}

bool lanes::accept(request & r, llama_token token, float probability) {
    outcome & out = r.result;
    if (api.llama_vocab_is_eog(owner->vocab, token)) {
        out.stop = stop_reason::end_of_generation;
        return true;
    }
    if (std::find(r.options.stop_tokens.begin(), r.options.stop_tokens.end(), token) != r.options.stop_tokens.end()) {
        out.stop = stop_reason::stop_token;
        return true;
    }
    r.tokens.push_back(token);
    out.tokens.push_back(token);
    r.log_probability += std::log(std::max(probability, 1e-30f));

    std::string text = owner->text_of(token);
    const size_t n_forced = std::min(r.forced.size(), text.size());
    text.erase(0, n_forced);
    r.forced.erase(0, n_forced);

    chunk c;
    c.text          = r.gate.push(text);
    c.tokens        = { token };
    c.probabilities = { probability };
    if (r.on_chunk) {
        r.on_chunk(std::move(c));
    }
    if (r.gate.stopped()) {
        out.stop = stop_reason::stop_text;
        return true;
    }
    if ((int32_t) out.tokens.size() >= r.options.max_tokens) {
        out.stop = stop_reason::max_tokens;
        return true;
    }
    return false;
}

}
