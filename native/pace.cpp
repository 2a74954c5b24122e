// see pace.h
#include "pace.h"

#include <algorithm>

namespace ingot {

namespace {

const int32_t N_LEAST = 8;
const double  SMOOTH  = 0.3; // weight of the newest measurement

}

pace::pace(int32_t n_most, double target_ms) : target_ms(target_ms) {
    for (int32_t n = N_LEAST; n < n_most; n *= 2) {
        levels.push_back({ n, 0.0 });
    }
    levels.push_back({ n_most, 0.0 });
}

// One size above what is measured is tried when it may fit: a larger slice costs at most as much per token.
int32_t pace::next() const {
    if (target_ms <= 0.0) {
        return levels.back().n;
    }
    int32_t best = levels.front().n;
    double  last = 0.0;
    for (const level & l : levels) {
        const double token_ms = l.token_ms > 0.0 ? l.token_ms : last;
        if (token_ms == 0.0 || l.n * token_ms > target_ms) {
            break;
        }
        best = l.n;
        if (l.token_ms == 0.0) {
            break;
        }
        last = l.token_ms;
    }
    return best;
}

double pace::expected_ms(int32_t n) const {
    double token_ms = 0.0; // of the nearest size that is measured, from below if there is one
    for (const level & l : levels) {
        if (l.token_ms > 0.0 && (l.n <= n || token_ms == 0.0)) {
            token_ms = l.token_ms;
        }
    }
    return token_ms * n;
}

void pace::report(int32_t n, double took_ms) {
    const auto found = std::find_if(levels.begin(), levels.end(), [&](const level & l) { return l.n == n; });
    if (found == levels.end() || took_ms <= 0.0) {
        return; // the rest of a prompt: between two sizes
    }
    const double sample = took_ms / n;
    if (found->token_ms == 0.0) {
        found->token_ms = sample;
        return;
    }
    const double before = found->token_ms;
    const double change = ((1.0 - SMOOTH) * before + SMOOTH * sample) / before;
    for (level & l : levels) {
        l.token_ms *= change;
    }
}

}
