// see generator.h
#include "generator.h"

#include <algorithm>
#include <cmath>

namespace ingot {

namespace {

// how far back the repeat penalty looks, as in llama.cpp
const size_t N_PENALTY_TOKENS = 64;

}

generator::generator(std::shared_ptr<model> owner, decoder & work, std::function<bool(int32_t)> is_idle)
    : owner(std::move(owner)), work(work), is_idle(std::move(is_idle)) {}

bool generator::end(request & r, stop_reason reason) {
    r.result.stop = reason;
    return true;
}

void generator::begin(request & r) {
    r.started = true;
    // the last prompt token is evaluated again when something is to be generated: its logits are gone
    const size_t n_prompt = r.options.tokens.size();
    work.held->keep_common(r.options.sequence, r.tokens, r.options.max_tokens > 0 ? n_prompt - 1 : n_prompt);
    r.result.n_reused = (int32_t) work.held->size(r.options.sequence);
}

bool generator::step(request & r) {
    const int32_t sequence = r.options.sequence;
    const size_t  n_prompt = r.options.tokens.size();
    if (!r.started) {
        if (n_prompt > work.held->capacity()) {
            return end(r, stop_reason::context_full); // before what the sequence holds is given up for nothing
        }
        begin(r);
    }
    if (r.is_ending()) {
        return end(r, stop_reason::aborted);
    }
    const size_t n_before  = work.held->size(sequence);
    const size_t n_pending = r.tokens.size() - n_before;
    if (n_pending == 0) { // a warm-up that found everything in place
        return end(r, stop_reason::max_tokens);
    }
    const int32_t   n         = (int32_t) std::min(n_pending, (size_t) work.slice_tokens());
    const bool      is_last   = (size_t) n == n_pending;
    const bool      in_prompt = n_before < n_prompt;
    const double    start     = now_ms();
    const evaluated became    = evaluate(r, n, is_last && r.options.max_tokens > 0);
    (in_prompt ? r.result.prompt_ms : r.result.generate_ms) += now_ms() - start;
    if (became != evaluated::done) {
        return became == evaluated::over;
    }
    if (in_prompt) {
        r.result.n_prompt += n;
        r.result.n_slices++;
        if (r.on_chunk) {
            chunk progress;
            progress.prompt_done  = (int32_t) (n_before + n);
            progress.prompt_total = (int32_t) n_prompt;
            r.on_chunk(std::move(progress));
        }
    }
    if (r.is_ending()) {
        return end(r, stop_reason::aborted);
    }
    if (!is_last) {
        return false;
    }
    if (r.options.max_tokens == 0) {
        return end(r, stop_reason::max_tokens);
    }
    const double sampling_start = now_ms();
    const bool   is_done        = advance(r);
    r.result.generate_ms += now_ms() - sampling_start;
    return is_done;
}

// Evaluates the next n tokens. When the request is over the reason is in its result.
generator::evaluated generator::evaluate(request & r, int32_t n, bool with_logits) {
    const int32_t sequence = r.options.sequence;
    r.result.stop = stop_reason::context_full;
    if (!work.held->make_room(sequence, n, is_idle)) {
        return evaluated::over;
    }
    switch (work.decode(sequence, r.tokens.data() + work.held->size(sequence), n, with_logits, is_idle)) {
        case sequences::decoded::done:
            return evaluated::done;
        case sequences::decoded::no_room:
            return evaluated::over;
        case sequences::decoded::aborted: // for good, or only this slice: the next step sees
            return evaluated::again;
        case sequences::decoded::failed:
            break;
    }
    r.result.error = "llama.cpp failed to evaluate " + std::to_string(n) + " tokens";
    return evaluated::over;
}

// Samples after a complete evaluation. True when the request is over.
bool generator::advance(request & r) {
    float * logits = work.logits();
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

bool generator::accept(request & r, llama_token token, float probability) {
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
