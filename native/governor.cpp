// see governor.h
#include "governor.h"

#include <algorithm>
#include <limits>

namespace ingot {

namespace {

const double NO_LIMIT       = std::numeric_limits<double>::infinity();
const double WORSE          = 1.5; // times one thread's time: more threads are clearly not worth it
const double SUDDEN         = 4.0; // times the best time so far: something else runs now
const double SLACK_MS       = 5.0; // for the timer and the node during which the limit passes
const double FIRST_PAUSE_MS = 1000.0;
const double LAST_PAUSE_MS  = 30000.0;

// Slices from here on cost about the same per token. Small ones cost several times as much per token.
const int32_t N_LARGE = 32;

double smoothed(double old, double sample) {
    return old == 0.0 ? sample : 0.7 * old + 0.3 * sample;
}

}

governor::governor(int32_t n_most) : n_most(n_most), pause_ms(FIRST_PAUSE_MS) {}

governor::plan governor::next(int32_t n_tokens, double now_ms) const {
    if (n_most == 1 || (is_busy && now_ms < retry_ms)) {
        return { 1, NO_LIMIT };
    }
    if (n_tokens == 1) {
        return token_ms == 0.0 ? plan{ 1, NO_LIMIT } : plan{ n_most, WORSE * token_ms + SLACK_MS };
    }
    double limit = NO_LIMIT;
    if (n_tokens < N_LARGE) {
        // the step from one token to a few costs up to as much as two more (GEMV becomes GEMM)
        limit = token_ms > 0.0 ? WORSE * token_ms * (n_tokens + 2) + SLACK_MS : NO_LIMIT;
    } else {
        // one thread may take seconds for a large slice, so it is only measured when it is all there is
        limit = prompt_ms > 0.0 ? WORSE * prompt_ms * n_tokens + SLACK_MS : NO_LIMIT;
        limit = best_ms > 0.0 ? std::min(limit, SUDDEN * best_ms * n_tokens + SLACK_MS) : limit;
    }
    return { n_most, limit };
}

void governor::report(const plan & used, int32_t n_tokens, double took_ms, bool given_up, double now_ms) {
    const bool is_large = n_tokens >= N_LARGE;
    if (used.n_threads == 1) {
        if (!given_up && (n_tokens == 1 || is_large)) {
            double & measured = is_large ? prompt_ms : token_ms;
            measured = smoothed(measured, took_ms / n_tokens);
        }
        return;
    }
    if (given_up || took_ms > used.limit_ms) {
        is_busy  = true;
        retry_ms = now_ms + pause_ms;
        pause_ms = std::min(2.0 * pause_ms, LAST_PAUSE_MS);
        return;
    }
    is_busy  = false;
    pause_ms = FIRST_PAUSE_MS;
    if (is_large) {
        // the slow growth follows a context that gets longer
        best_ms = best_ms == 0.0 ? took_ms / n_tokens : std::min(best_ms * 1.02, took_ms / n_tokens);
    }
}

}
