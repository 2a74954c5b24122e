// see lanes.h
#include "lanes.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace ingot {

lanes::lanes(std::shared_ptr<model> model_, const context_options & options)
    : owner(std::move(model_)), n_sequences(options.n_sequences), is_idle([this](int32_t sequence) {
          std::lock_guard<std::mutex> lock(mutex);
          return !in_use(sequence);
      }) {
    work = std::make_unique<decoder>(owner, options, [this] {
        // `running` changes only between slices, by the thread that waits for this graph
        return closing || (running && running->aborted == abort_kind::at_once);
    });
    generation = std::make_unique<generator>(owner, *work, is_idle);
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
    if (o.held_to.rules && !o.forced_prefix.empty()) {
        throw std::invalid_argument("A grammar and a forced prefix do not go together");
    }
    if (o.n_draft < 0) {
        throw std::invalid_argument("draftTokens must be at least 0");
    }
    for (const auto * list : { &o.tokens, &o.banned_tokens, &o.lookup, &o.shown_tokens }) {
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
    if (running && running->options.priority < r->options.priority && oldest_of(r->options.sequence) == r) {
        work->yield();
    }
    wake.notify_one();
    return r;
}

void lanes::abort(const std::shared_ptr<request> & which, abort_kind kind) {
    std::unique_lock<std::mutex> lock(mutex);
    which->aborted = std::max(which->aborted.load(), kind);
    if (which != running && std::find(queue.begin(), queue.end(), which) != queue.end()) {
        which->result.stop = stop_reason::aborted;
        finish(lock, which);
    }
}

void lanes::check_sequence(int32_t sequence) const {
    if (sequence < 0 || sequence >= n_sequences) {
        throw std::invalid_argument("There is no sequence " + std::to_string(sequence));
    }
}

int32_t lanes::sequence_length(int32_t sequence) const {
    check_sequence(sequence);
    return work->held->published_size(sequence);
}

void lanes::clear_sequence(int32_t sequence) {
    check_sequence(sequence);
    std::lock_guard<std::mutex> lock(mutex);
    work->held->request_clear(sequence, !in_use(sequence));
    wake.notify_one();
}

void lanes::save_sequence(int32_t sequence, std::function<void(saved_sequence)> on_done) {
    check_sequence(sequence);
    add({ sequence, false, [this, sequence, on_done = std::move(on_done)](bool is_open) {
             saved_sequence saved;
             if (is_open) {
                 saved.state  = work->held->save(sequence, N_STATE_HEADER);
                 saved.tokens = saved.state.empty() ? std::vector<llama_token>() : work->held->tokens(sequence);
             }
             if (!saved.state.empty()) {
                 seal(saved.state, fingerprint_of(*owner), saved.tokens);
             }
             on_done(std::move(saved));
         } });
}

void lanes::restore_sequence(int32_t sequence, saved_sequence from, std::function<void(bool)> on_done) {
    check_sequence(sequence);
    add({ sequence, true, [this, sequence, from = std::move(from), on_done = std::move(on_done)](bool is_open) {
             const bool is_whole = is_open && std::all_of(from.tokens.begin(), from.tokens.end(), [this](llama_token t) { return owner->is_token(t); }) &&
                                   is_sealed(from.state, fingerprint_of(*owner), from.tokens, owner->info.can_trim);
             if (is_open && !is_whole) {
                 work->held->trim(sequence, 0);
             }
             on_done(is_whole && work->held->restore(sequence, from.tokens, from.state, N_STATE_HEADER, is_idle));
         } });
}

void lanes::add(job j) {
    std::lock_guard<std::mutex> lock(mutex);
    if (closing) {
        throw std::invalid_argument("The context is closed");
    }
    jobs.push_back(std::move(j));
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
    work->close();
}

//
// the loop
//

void lanes::run() {
    std::unique_lock<std::mutex> lock(mutex);
    while (true) {
        wake.wait(lock, [this] { return closing || !queue.empty() || !jobs.empty() || work->held->has_clears(); });
        if (closing) {
            break;
        }
        run_jobs(lock);
        apply_clears();
        std::shared_ptr<request> r = pick();
        if (!r) {
            continue;
        }
        running = r;
        work->begin_slice();
        lock.unlock();
        bool is_done = true;
        try {
            is_done = generation->step(*r);
        } catch (const std::exception & error) {
            r->result.error = std::string("llama.cpp failed: ") + error.what();
            work->held->request_clear(r->options.sequence, false); // what it holds now is not known
        }
        lock.lock();
        running = nullptr;
        if (!is_done && r->is_ending()) { // it need not wait for its next turn to end
            r->result.stop = stop_reason::aborted;
            is_done        = true;
        }
        if (is_done) {
            finish(lock, r);
        }
    }
    for (const job & j : jobs) {
        j.run(false);
    }
    jobs.clear();
    while (!queue.empty()) {
        queue.front()->result.stop = stop_reason::aborted;
        finish(lock, queue.front());
    }
}

// With the lock.
void lanes::apply_clears() {
    work->held->apply_clears([this](int32_t sequence) { return !has_begun(sequence); });
}

// With the lock, which is released while one runs. A sequence that was to be cleared before a job came is cleared before it runs.
void lanes::run_jobs(std::unique_lock<std::mutex> & lock) {
    for (size_t i = 0; i < jobs.size() && !closing;) {
        if (jobs[i].wants_idle && has_begun(jobs[i].sequence)) {
            i++;
            continue;
        }
        const job next = std::move(jobs[i]);
        jobs.erase(jobs.begin() + i);
        apply_clears();
        lock.unlock();
        next.run(true);
        lock.lock();
    }
}

// With the lock. Highest priority first, among equals the one that waited longest. Of requests for the same sequence
// only the oldest can run.
std::shared_ptr<request> lanes::pick() {
    std::vector<bool>        taken(n_sequences, false);
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
    if (r->is_ending()) {
        if (const auto heir = oldest_of(r->options.sequence)) {
            heir->served = 0; // what takes the place of an aborted request is next among equals
        }
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

std::shared_ptr<request> lanes::oldest_of(int32_t sequence) const {
    const auto found = std::find_if(queue.begin(), queue.end(), [&](const auto & r) { return r->options.sequence == sequence; });
    return found == queue.end() ? nullptr : *found;
}

bool lanes::has_begun(int32_t sequence) const {
    return std::any_of(queue.begin(), queue.end(), [&](const auto & r) { return r->options.sequence == sequence && r->started; });
}

bool lanes::in_use(int32_t sequence) const {
    return std::any_of(queue.begin(), queue.end(), [&](const auto & r) { return r->options.sequence == sequence; });
}

}
