// see sampler.h
#include "sampler.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_set>

namespace ingot {

namespace {

const float NEVER = -std::numeric_limits<float>::infinity();

// of tokens that fit: as many are drawn from where top-k does not say, and after so many tries there are enough
const size_t N_FITTING = 40;
const size_t N_TRIED   = 4096;

// logits whose greatest is found together
const int32_t N_BLOCK = 64;
const int32_t N_LANES = 16;

// The greatest of each block. Lanes that do not depend on each other are what a compiler makes vector code of.
void find_maxima(const float * logits, int32_t n, std::vector<float> & maxima) {
    maxima.assign((n + N_BLOCK - 1) / N_BLOCK, NEVER);
    const int32_t n_whole = n / N_BLOCK * N_BLOCK;
    for (int32_t begin = 0; begin < n_whole; begin += N_BLOCK) {
        float lanes[N_LANES];
        std::fill(lanes, lanes + N_LANES, NEVER);
        for (int32_t i = begin; i < begin + N_BLOCK; i += N_LANES) {
            for (int32_t j = 0; j < N_LANES; j++) {
                lanes[j] = logits[i + j] > lanes[j] ? logits[i + j] : lanes[j];
            }
        }
        maxima[begin / N_BLOCK] = *std::max_element(lanes, lanes + N_LANES);
    }
    for (int32_t i = n_whole; i < n; i++) {
        maxima.back() = logits[i] > maxima.back() ? logits[i] : maxima.back();
    }
}

// The first of the greatest logits; -1 when there is none.
int32_t best_of(const float * logits, int32_t n, const std::vector<float> & maxima) {
    const auto block = std::max_element(maxima.begin(), maxima.end());
    if (block == maxima.end() || *block == NEVER) {
        return -1;
    }
    const float * begin = logits + (block - maxima.begin()) * N_BLOCK;
    const float * at    = std::find(begin, logits + n, *block);
    return at == logits + n ? -1 : (int32_t) (at - logits);
}

// Sum of e^x of one block, for x of at most 0; each to about 1e-6. In simple loops over arrays: library calls, branches and
// casts between them keep a compiler from making vector code, and a token would cost a millisecond more.
double sum_of_block(const float * logits, float greatest) {
    float   power[N_BLOCK];
    int32_t bits[N_BLOCK];
    for (int32_t i = 0; i < N_BLOCK; i++) {
        const float x     = logits[i] - greatest;
        const float t     = (x > -87.0f ? x : -87.0f) * 1.44269504f; // e^x = 2^t = 2^whole * e^y
        const float whole = (float) (int32_t) (t - 0.5f);
        const float y     = (t - whole) * 0.69314718f; // within +-0.35
        power[i] = 1.0f + y * (1.0f + y * (0.5f + y * (1.0f / 6 + y * (1.0f / 24 + y * (1.0f / 120 + y * (1.0f / 720))))));
        bits[i]  = ((int32_t) whole + 127) << 23;
    }
    float scale[N_BLOCK];
    memcpy(scale, bits, sizeof(scale));
    float lanes[N_LANES] = {};
    for (int32_t i = 0; i < N_BLOCK; i += N_LANES) {
        for (int32_t j = 0; j < N_LANES; j++) {
            lanes[j] += power[i + j] * scale[i + j];
        }
    }
    double sum = 0.0;
    for (float lane : lanes) {
        sum += lane;
    }
    return sum;
}

// Sum of exp(logit - greatest). Terms below exp(-30) cannot change a float sum of at most 1e6 terms.
double sum_of_weights(const float * logits, int32_t n, const std::vector<float> & maxima, float greatest) {
    double sum = 0.0;
    for (int32_t block = 0; block < (int32_t) maxima.size(); block++) {
        const int32_t begin = block * N_BLOCK;
        if (!(maxima[block] > greatest - 30.0f)) {
            continue;
        }
        if (n - begin >= N_BLOCK) {
            sum += sum_of_block(logits + begin, greatest);
            continue;
        }
        for (int32_t i = begin; i < n; i++) {
            sum += std::exp(logits[i] - greatest);
        }
    }
    return sum;
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
        find_maxima(logits, n_vocab, maxima);
        greatest   = *std::max_element(maxima.begin(), maxima.end());
        normalizer = sum_of_weights(logits, n_vocab, maxima, greatest);
    }
    const auto probability = [&](float logit) { return (float) (std::exp(logit - greatest) / normalizer); };

    const int32_t top = allowed ? -1 : best_of(logits, n_vocab, maxima);
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
            if (!raw.empty() || (top >= 0 && logits[top] == NEVER)) { // the penalty or a ban has changed which one it is
                find_maxima(logits, n_vocab, maxima);
                best = best_of(logits, n_vocab, maxima);
            } else {
                best = top;
            }
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

// Tokens are looked at from the most likely on: trying one is cheap, trying a whole vocabulary is not.
sampler::choice sampler::choose_where(float * logits, int32_t n_vocab, const std::function<bool(int32_t)> & fits, const int32_t * recent, size_t n_recent) {
    const choice first = choose(logits, n_vocab, nullptr, recent, n_recent);
    if (first.token < 0 || fits(first.token)) {
        return first;
    }
    const auto better = [&](int32_t a, int32_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; };
    std::vector<int32_t> order;
    order.reserve(n_vocab);
    for (int32_t token = 0; token < n_vocab; token++) {
        if (logits[token] != NEVER) {
            order.push_back(token);
        }
    }
    const size_t n_wanted = options.temperature <= 0.0f ? 1 : options.top_k > 0 ? options.top_k : N_FITTING;
    std::vector<candidate> fitting;
    size_t n_sorted = 0;
    for (size_t i = 0; i < order.size() && fitting.size() < n_wanted && (fitting.empty() || i < N_TRIED); i++) {
        if (i == n_sorted) {
            n_sorted = std::min(order.size(), std::max<size_t>(64, n_sorted * 4));
            std::partial_sort(order.begin() + i, order.begin() + n_sorted, order.end(), better);
        }
        if (fits(order[i])) {
            fitting.push_back({ order[i], logits[order[i]], 0.0f });
        }
    }
    if (fitting.empty()) {
        return {};
    }
    const float greatest = logits[order[0]];
    const int32_t token  = options.temperature <= 0.0f ? fitting[0].token : draw(fitting);
    double        sum    = 0.0;
    for (int32_t other : order) {
        sum += std::exp(logits[other] - greatest);
    }
    return { token, (float) (std::exp(logits[token] - greatest) / sum) };
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
