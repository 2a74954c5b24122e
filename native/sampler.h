// Choosing one token from one row of logits: bans, repeat penalty, top-k, top-p, min-p, temperature, a seeded draw; and
// the exact probability of what was chosen. Pure: knows neither llama.cpp's context nor its samplers.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <vector>

namespace ingot {

struct sampler_options {
    float    temperature    = 0.0f; // 0 = greedy
    int32_t  top_k          = 0;    // 0 = off
    float    top_p          = 1.0f; // 1 = off
    float    min_p          = 0.0f; // 0 = off
    float    repeat_penalty = 1.0f; // 1 = off
    bool     has_seed       = false;
    uint32_t seed           = 0;
};

class sampler {
public:
    explicit sampler(const sampler_options & options, std::vector<int32_t> banned);

    struct choice {
        int32_t token = -1; // -1 when nothing is allowed
        // softmax over the raw logits of the whole vocabulary; over the allowed tokens when there are only some
        float probability = 0.0f;
    };

    // `allowed`: null for the whole vocabulary. `recent`: what the penalty looks at. Changes `logits`.
    choice choose(float * logits, int32_t n_vocab, const std::vector<int32_t> * allowed, const int32_t * recent, size_t n_recent);

    // The same choice when `fits` says yes to it; else among the best tokens that fit.
    choice choose_where(float * logits, int32_t n_vocab, const std::function<bool(int32_t)> & fits, const int32_t * recent, size_t n_recent);

private:
    struct candidate {
        int32_t token;
        float   logit;
        float   weight;
    };
    int32_t draw(std::vector<candidate> & candidates);

    sampler_options      options;
    std::vector<int32_t> banned;
    std::mt19937         random;
    std::vector<float>   maxima; // of blocks of logits; kept for its memory
};

}
