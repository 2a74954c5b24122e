// One call of generate: what was asked for, what has become of it so far, and how it ends. No behaviour: lanes.h decides
// when it runs, generator.h what a step of it does.
#pragma once

#include "api.h"
#include "constraint.h"
#include "ngrams.h"
#include "repetition.h"
#include "sampler.h"
#include "text.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ingot {

struct generate_options {
    int32_t                  sequence   = 0;
    int32_t                  priority   = 0;
    std::vector<llama_token> tokens;
    int32_t                  max_tokens = 0;
    sampler_options          sampling;
    std::vector<llama_token> stop_tokens;
    std::vector<std::string> stop_texts;
    std::vector<llama_token> banned_tokens;
    std::string              forced_prefix;
    int32_t                  n_draft = 0; // tokens in a draft, at most
    std::vector<llama_token> lookup;      // where drafts come from, beside the prompt
    constraint_options       held_to;     // a grammar
    bool                     ends_repetition = false; // of what is held
    std::vector<llama_token> shown_tokens; // control tokens that are part of the text
};

struct chunk {
    std::string              text;
    std::vector<llama_token> tokens;
    std::vector<float>       probabilities;
    int32_t                  prompt_done  = -1; // -1: no progress to report
    int32_t                  prompt_total = -1;
};

enum class stop_reason { end_of_generation, stop_token, stop_text, max_tokens, repetition, aborted, context_full };

struct outcome {
    std::string              error; // not empty: the request failed and nothing else is meant
    std::string              text;
    std::vector<llama_token> tokens;
    stop_reason              stop = stop_reason::aborted;
    std::string              stop_text;
    int32_t                  n_repeated  = 0; // stop_reason::repetition: of the last tokens
    int32_t                  n_prompt    = 0; // evaluated
    int32_t                  n_slices    = 0; // in which they were
    int32_t                  n_reused    = 0;
    int32_t                  n_generated = 0;
    double                   prompt_ms   = 0.0;
    double                   generate_ms = 0.0;
    double                   confidence  = 1.0;
    int32_t                  n_preemptions = 0;
    int32_t                  n_drafted   = 0;
    int32_t                  n_accepted  = 0; // of them
};

enum class abort_kind : int { none, after_slice, at_once };

struct request {
    request(generate_options o, std::function<void(chunk)> on_chunk, std::function<void(outcome)> on_done)
        : options(std::move(o)),
          on_chunk(std::move(on_chunk)),
          on_done(std::move(on_done)),
          tokens(options.tokens),
          forced(options.forced_prefix),
          gate(options.stop_texts),
          choose(options.sampling, options.banned_tokens) {
        if (options.held_to.rules) {
            held_to = std::make_unique<constraint>(options.held_to);
        }
    }

    const generate_options             options;
    const std::function<void(chunk)>   on_chunk;
    const std::function<void(outcome)> on_done;
    std::atomic<abort_kind>            aborted{ abort_kind::none };

    bool is_ending() const { return aborted != abort_kind::none; }

    // of the worker, or of whoever holds the lock while the worker does not step this request
    uint64_t                 served  = 0; // clock of the last slice: equals take turns
    bool                     started = false;
    std::vector<llama_token> tokens; // prompt and what was generated; the KV cache holds a beginning of it
    std::string              forced; // bytes that the text still has to begin with
    text_gate                gate;
    sampler                  choose;
    std::unique_ptr<constraint> held_to; // null: to nothing
    repetition               repeats; // of what is held
    double                   log_probability = 0.0;
    ngrams                   seen;          // lookup and tokens; empty until a draft is wanted
    size_t                   n_seen = 0;    // of tokens
    outcome                  result;
};

}
