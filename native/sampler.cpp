// see sampler.h
#include "sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

namespace ingot {

namespace {

const float NEVER = -std::numeric_limits<float>::infinity();

// Sum of exp(logit - greatest). Terms below exp(-30) cannot change a float sum of at most 1e6 terms, and skipping them
// leaves a few hundred exponentials of 150,000.
double sum_of_weights(const float * logits, int32_t n, float greatest) {
    double      sum   = 0.0;
    const float floor = greatest - 30.0f;
    for (int32_t i = 0; i < n; i++) {
        if (logits[i] > floor) {
            sum += std::exp(logits[i] - greatest);
        }
    }
    return sum;
}

float greatest_of(const float * logits, int32_t n) {
    float greatest = NEVER;
    for (int32_t i = 0; i < n; i++) {
        greatest = logits[i] > greatest ? logits[i] : greatest;
    }
    return greatest;
}

}

sampler::sampler(const sampler_options & options, std::vector<int32_t> banned)
    : options(options), banned(std::move(banned)), random(options.has_seed ? options.seed : std::random_device{}()) {}

sampler::choice sampler::choose(float * logits, int32_t n_vocab, const std::vector<int32_t> * allowed, const int32_t * recent, size_t n_recent) {
    // before anything changes the logits: probabilities are the model's own
    double normalizer = 0.0;
    float  greatest   = NEVER;
    if (allowed) {
        for (int32_t token : *allowed) {
            greatest = std::max(greatest, logits[token]);
        }
        for (int32_t token : *allowed) {
            normalizer += std::exp(logits[token] - greatest);
        }
    } else {
        greatest   = greatest_of(logits, n_vocab);
        normalizer = sum_of_weights(logits, n_vocab, greatest);
    }
    const auto probability = [&](float logit) { return (float) (std::exp(logit - greatest) / normalizer); };

    for (int32_t token : banned) {
        logits[token] = NEVER;
    }
    std::vector<std::pair<int32_t, float>> raw; // logits before the penalty
    if (options.repeat_penalty != 1.0f) {
        std::unordered_set<int32_t> seen;
        for (size_t i = 0; i < n_recent; i++) {
            const int32_t token = recent[i];
            if (seen.insert(token).second) {
                raw.push_back({ token, logits[token] });
                logits[token] = logits[token] <= 0.0f ? logits[token] * options.repeat_penalty : logits[token] / options.repeat_penalty;
            }
        }
    }
    const auto chosen = [&](int32_t token) {
        float logit = logits[token];
        for (const auto & [id, before] : raw) {
            logit = id == token ? before : logit;
        }
        return choice{ token, probability(logit) };
    };

    if (options.temperature <= 0.0f) {
        int32_t best = -1;
        const auto consider = [&](int32_t token) {
            if (logits[token] != NEVER && (best < 0 || logits[token] > logits[best] || (logits[token] == logits[best] && token < best))) {
                best = token;
            }
        };
        if (allowed) {
            for (int32_t token : *allowed) {
                consider(token);
            }
        } else {
            const float top = greatest_of(logits, n_vocab);
            const float * at = std::find(logits, logits + n_vocab, top);
            best = top == NEVER || at == logits + n_vocab ? -1 : (int32_t) (at - logits);
        }
        return best < 0 ? choice{} : chosen(best);
    }

    std::vector<candidate> candidates;
    const auto add = [&](int32_t token) {
        if (logits[token] != NEVER) {
            candidates.push_back({ token, logits[token], 0.0f });
        }
    };
    if (allowed) {
        for (int32_t token : *allowed) {
            add(token);
        }
    } else {
        candidates.reserve(n_vocab);
        for (int32_t token = 0; token < n_vocab; token++) {
            add(token);
        }
    }
    if (candidates.empty()) {
        return {};
    }
    return chosen(draw(candidates));
}

// The order of llama.cpp's default chain: top-k, top-p, min-p, temperature, draw.
int32_t sampler::draw(std::vector<candidate> & candidates) {
    const auto better = [](const candidate & a, const candidate & b) { return a.logit != b.logit ? a.logit > b.logit : a.token < b.token; };

    if (options.top_k > 0 && (size_t) options.top_k < candidates.size()) {
        std::partial_sort(candidates.begin(), candidates.begin() + options.top_k, candidates.end(), better);
        candidates.resize(options.top_k);
    }
    float greatest = NEVER;
    for (const auto & c : candidates) {
        greatest = std::max(greatest, c.logit);
    }
    double sum = 0.0;
    for (auto & c : candidates) {
        c.weight = std::exp(c.logit - greatest);
        sum += c.weight;
    }
    if (options.top_p < 1.0f) {
        // sort only as far as the mass reaches, which is nearly always a few dozen of the vocabulary
        size_t n_sorted = 0;
        size_t n_kept   = 0;
        double mass     = 0.0;
        while (n_kept < candidates.size() && (n_kept == 0 || mass < options.top_p * sum)) {
            if (n_kept == n_sorted) {
                const size_t next = std::min(candidates.size(), std::max<size_t>(64, n_sorted * 4));
                std::partial_sort(candidates.begin() + n_sorted, candidates.begin() + next, candidates.end(), better);
                n_sorted = next;
            }
            mass += candidates[n_kept++].weight;
        }
        candidates.resize(n_kept);
    }
    if (options.min_p > 0.0f) {
        // the best candidate has weight 1
        candidates.erase(std::remove_if(candidates.begin(), candidates.end(), [&](const candidate & c) { return c.weight < options.min_p && c.logit < greatest; }),
                         candidates.end());
    }

    double total = 0.0;
    for (auto & c : candidates) {
        c.weight = std::exp((c.logit - greatest) / options.temperature);
        total += c.weight;
    }
    // not std::uniform_real_distribution: its result differs between standard libraries, and a seed must not
    double target = random() / 4294967296.0 * total;
    for (const auto & c : candidates) {
        target -= c.weight;
        if (target < 0.0) {
            return c.token;
        }
    }
    return candidates.back().token;
}

}
