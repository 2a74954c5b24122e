// see generator.h
#include "generator.h"

#include <algorithm>
#include <cmath>

namespace ingot {

namespace {

// how far back the repeat penalty looks, as in llama.cpp
const size_t N_PENALTY_TOKENS = 64;

// of models that cannot drop a tail:
const size_t N_VOLATILE = 8;  // tokens at the end of a prompt that the next one may not have
const size_t N_APART    = 64; // between checkpoints before that

// rows of logits that are kept: the prompts of the last keystrokes and what was generated after them; 0.6 MB each for a
// vocabulary of 150,000
const size_t N_RECENT = 24;

}

generator::generator(std::shared_ptr<model> owner, decoder & work, std::function<bool(int32_t)> is_idle)
    : owner(std::move(owner)), work(work), is_idle(std::move(is_idle)), recent(N_RECENT) {}

bool generator::end(request & r, stop_reason reason) {
    r.result.stop = reason;
    return true;
}

bool generator::begin(request & r) {
    r.started = true;
    const size_t n_prompt = r.options.tokens.size();
    if (r.options.max_tokens == 0 && work.held->holds(r.options.sequence, r.tokens)) {
        r.result.n_reused = (int32_t) n_prompt; // a warm-up shortens nothing: what comes after may be wanted again
        return false;
    }
    // the last prompt token is evaluated again when something is to be generated and its logits are gone
    const bool is_known = owner->info.can_trim && recent.find(r.tokens) != nullptr;
    work.held->keep_common(r.options.sequence, r.tokens, r.options.max_tokens > 0 && !is_known ? n_prompt - 1 : n_prompt);
    r.result.n_reused = (int32_t) work.held->size(r.options.sequence);
    return true;
}

bool generator::step(request & r) {
    const int32_t sequence = r.options.sequence;
    const size_t  n_prompt = r.options.tokens.size();
    if (!r.started) {
        if (n_prompt > work.held->capacity()) {
            return end(r, stop_reason::context_full); // before what the sequence holds is given up for nothing
        }
        if (!begin(r)) {
            return end(r, stop_reason::max_tokens);
        }
    }
    if (r.is_ending()) {
        return end(r, stop_reason::aborted);
    }
    const size_t n_before  = work.held->size(sequence);
    const size_t n_pending = r.tokens.size() - n_before;
    if (n_pending == 0) {
        // a warm-up that found everything in place, or a prompt whose logits are known
        return r.options.max_tokens == 0 ? end(r, stop_reason::max_tokens) : advance_known(r);
    }
    if (n_before >= n_prompt && n_pending == 1) {
        return step_token(r);
    }
    const int32_t   n       = slice_of(r);
    const bool      is_last = (size_t) n == n_pending;
    const double    start   = now_ms();
    const evaluated became  = evaluate(r, r.tokens.data() + n_before, n, is_last && r.options.max_tokens > 0 ? 1 : 0);
    (n_before < n_prompt ? r.result.prompt_ms : r.result.generate_ms) += now_ms() - start;
    if (became != evaluated::done) {
        return became == evaluated::over;
    }
    if (n_before < n_prompt) {
        const size_t n_rest = n_prompt - std::min(n_prompt, n_before + n);
        if (n_rest > 0) {
            work.held->checkpoint(sequence, n_rest <= N_VOLATILE ? 1 : N_APART);
        }
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
    const bool   is_done        = advance(r, work.logits(-1));
    r.result.generate_ms += now_ms() - sampling_start;
    return is_done;
}

// How many of the pending tokens the next slice has. Where a tail cannot be dropped there is a checkpoint before the tokens
// that the next prompt is likely to change, and one before the last, whose logits it needs when it is the same.
int32_t generator::slice_of(const request & r) const {
    const size_t n_before  = work.held->size(r.options.sequence);
    const size_t n_pending = std::min(r.tokens.size() - n_before, (size_t) work.slice_tokens());
    const size_t n_prompt  = r.options.tokens.size();
    if (owner->info.can_trim) {
        return (int32_t) n_pending;
    }
    for (const size_t tail : { N_VOLATILE, (size_t) 1 }) {
        const size_t boundary = n_prompt - std::min(n_prompt, tail);
        if (boundary > n_before) {
            return (int32_t) std::min(n_pending, boundary - n_before);
        }
    }
    return (int32_t) n_pending;
}

// The pending token, and a draft of what follows it when that is likely to be faster.
bool generator::step_token(request & r) {
    const double  start     = now_ms();
    const draft   d         = guess(r);
    const int32_t n_drafted = (int32_t) d.tokens.size();

    std::vector<llama_token> batch = { r.tokens.back() };
    batch.insert(batch.end(), d.tokens.begin(), d.tokens.end());
    const evaluated became  = evaluate(r, batch.data(), 1 + n_drafted, 1 + n_drafted);
    bool            is_over = became == evaluated::over;
    if (became == evaluated::done) {
        const int32_t n_accepted = r.result.n_accepted;
        is_over = r.is_ending() ? end(r, stop_reason::aborted) : verify(r, d);
        const double took_ms = now_ms() - start;
        if (n_drafted == 0) {
            drafts.report_plain(took_ms);
        } else if (!r.is_ending()) {
            drafts.report_draft(d.n_matched, n_drafted, r.result.n_accepted - n_accepted, took_ms);
        }
    }
    r.result.generate_ms += now_ms() - start;
    return is_over;
}

// What followed when the last tokens occurred before.
generator::draft generator::guess(request & r) {
    const int32_t n_left = std::min<int32_t>(r.options.max_tokens - (int32_t) r.result.tokens.size() - 1,
                                             (int32_t) work.held->capacity() - (int32_t) r.tokens.size());
    const int32_t n_most = std::min({ r.options.n_draft, n_left, drafting::N_MOST });
    if (n_most < 1 || r.options.sampling.temperature > 0.0f || !r.forced.empty() || !owner->info.can_trim) {
        return {};
    }
    if (r.seen.size() == 0) {
        for (llama_token token : r.options.lookup) {
            r.seen.push(token);
        }
        r.seen.push(ngrams::SEPARATOR);
    }
    for (; r.n_seen < r.tokens.size(); r.n_seen++) {
        r.seen.push(r.tokens[r.n_seen]);
    }
    const ngrams::match match = r.seen.find();
    draft               d     = { r.seen.following(match, n_most), match.length };
    // text never holds these by itself, so the model will not write them either
    const auto is_control = [this](llama_token token) { return api.llama_vocab_is_control(owner->vocab, token); };
    d.tokens.erase(std::find_if(d.tokens.begin(), d.tokens.end(), is_control), d.tokens.end());
    d.tokens.resize(drafts.length(d.n_matched, (int32_t) d.tokens.size()));
    return d;
}

// Takes tokens from the rows of logits as long as the next row is that of the token taken.
bool generator::verify(request & r, const draft & d) {
    const int32_t sequence = r.options.sequence;
    const int32_t n_held   = (int32_t) (work.held->size(sequence) - d.tokens.size()); // without the draft
    size_t        n_agreed = 0;
    bool          is_over  = false;
    while (true) {
        const size_t n_before = r.tokens.size();
        is_over = advance(r, work.logits((int32_t) n_agreed));
        if (is_over || n_agreed == d.tokens.size() || r.tokens.size() != n_before + 1 || r.tokens.back() != d.tokens[n_agreed]) {
            break;
        }
        n_agreed++;
    }
    r.result.n_drafted += (int32_t) d.tokens.size();
    r.result.n_accepted += (int32_t) n_agreed;
    if (n_agreed < d.tokens.size()) {
        work.held->trim(sequence, n_held + (int32_t) n_agreed);
    }
    return is_over;
}

// Evaluates the next n tokens. When the request is over the reason is in its result.
generator::evaluated generator::evaluate(request & r, llama_token * tokens, int32_t n, int32_t n_logits) {
    const int32_t sequence = r.options.sequence;
    r.result.stop = stop_reason::context_full;
    if (!work.held->make_room(sequence, n, is_idle)) {
        return evaluated::over;
    }
    switch (work.decode(sequence, tokens, n, n_logits, is_idle)) {
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

bool generator::advance_known(request & r) {
    const std::vector<float> * row = recent.find(r.tokens);
    if (!row) {
        r.result.error = "The logits of a known prompt are gone";
        return true;
    }
    known_row             = *row; // sampling changes it
    const double start    = now_ms();
    const bool   is_done  = advance(r, known_row.data());
    r.result.generate_ms += now_ms() - start;
    return is_done;
}

// Samples from a row of logits, which are those that follow the request's tokens. True when the request is over.
bool generator::advance(request & r, float * logits) {
    if (!logits) {
        r.result.error = "llama.cpp returned no logits";
        return true;
    }
    if (r.options.sampling.temperature <= 0.0f && owner->info.can_trim) {
        recent.remember(r.tokens, logits, owner->info.n_vocabulary);
    }
    const int32_t * tail     = r.tokens.data() + (r.tokens.size() - std::min(r.tokens.size(), N_PENALTY_TOKENS));
    const size_t    n_recent = r.tokens.data() + r.tokens.size() - tail;
    if (r.forced.empty()) {
        const sampler::choice c = r.held_to ? choose_held(r, logits, tail, n_recent) : r.choose.choose(logits, owner->info.n_vocabulary, nullptr, tail, n_recent);
        if (c.token < 0 && r.held_to && r.held_to->has_given_up()) {
            r.held_to.reset(); // an answer that is held to nothing is worth more than none
            return advance(r, logits);
        }
        if (c.token < 0) {
            r.result.error = r.held_to ? "The model has no token that the grammar allows" : "Every token is banned";
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
            return advance(r, logits);
        }
        r.tokens.insert(r.tokens.end(), rest.begin(), rest.end());
        return false;
    }
    return accept(r, c.token, c.probability);
}

// The model's choice when the grammar allows it, else its best of those that are allowed.
sampler::choice generator::choose_held(request & r, float * logits, const int32_t * tail, size_t n_tail) {
    const auto fits = [&](llama_token token) {
        return api.llama_vocab_is_eog(owner->vocab, token) ? r.held_to->allows_end() : r.held_to->allows(text_of(r, token));
    };
    return r.choose.choose_where(logits, owner->info.n_vocabulary, fits, tail, n_tail);
}

std::string generator::text_of(const request & r, llama_token token) const {
    const auto & shown = r.options.shown_tokens;
    return std::find(shown.begin(), shown.end(), token) == shown.end() ? owner->text_of(token) : owner->piece(token);
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

    std::string text = text_of(r, token);
    if (r.held_to) {
        r.held_to->accept(text);
        if (r.options.ends_repetition && r.held_to->is_holding()) {
            out.n_repeated = (int32_t) r.repeats.push(token);
        }
    }
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
    if (r.held_to && r.held_to->is_over()) {
        out.stop = stop_reason::end_of_generation;
        return true;
    }
    if (out.n_repeated > 0) {
        out.stop = stop_reason::repetition; // it would go on until its tokens are used up
        return true;
    }
    if ((int32_t) out.tokens.size() >= r.options.max_tokens) {
        out.stop = stop_reason::max_tokens;
        return true;
    }
    return false;
}

}
