// see drafting.h
#include "drafting.h"

#include <algorithm>

namespace ingot {

namespace {

const double  SMOOTH         = 0.3; // weight of the newest cost
const double  LEARN          = 0.1; // weight of one token that agreed or did not
const double  WORTH          = 1.05; // times the speed without a draft
const int32_t FIRST_PATIENCE = 16;
const int32_t LAST_PATIENCE  = 256;

void smooth(double & value, double sample) {
    value = value == 0.0 ? sample : (1.0 - SMOOTH) * value + SMOOTH * sample;
}

}

drafting::drafting() : groups{ { { 0.5, 0, FIRST_PATIENCE }, { 0.6, 0, FIRST_PATIENCE }, { 0.8, 0, FIRST_PATIENCE }, { 0.9, 0, FIRST_PATIENCE } } } {}

int32_t drafting::group_of(int32_t n_matched) {
    return n_matched <= 2 ? 0 : n_matched == 3 ? 1 : n_matched < 8 ? 2 : 3;
}

// Between measured sizes along a line, above them in proportion. 0: only one token is measured, or nothing.
double drafting::cost_of(int32_t n_tokens) const {
    int32_t below = 0;
    int32_t above = 0;
    for (int32_t n = 1; n < (int32_t) costs.size(); n++) {
        if (costs[n] > 0.0) {
            below = n <= n_tokens ? n : below;
            above = n >= n_tokens && above == 0 ? n : above;
        }
    }
    if (below == n_tokens) {
        return costs[n_tokens];
    }
    if (above == 0) {
        return below < 2 ? 0.0 : costs[below] * n_tokens / below;
    }
    return below == 0 ? costs[above] : costs[below] + (costs[above] - costs[below]) * (n_tokens - below) / (above - below);
}

double drafting::speed_of(const group & g, int32_t n) const {
    double n_tokens = 1.0;
    double reach    = 1.0;
    for (int32_t i = 0; i < n; i++) {
        reach *= g.agreeing;
        n_tokens += reach;
    }
    return n_tokens / cost_of(n + 1);
}

int32_t drafting::length(int32_t n_matched, int32_t n_available) {
    const int32_t n_most = std::min(n_available, N_MOST);
    group &       g      = groups[group_of(n_matched)];
    if (n_matched == 0 || n_most < 1) {
        return 0;
    }
    if (costs[1] == 0.0 || cost_of(n_most + 1) == 0.0) {
        return n_most; // to measure it
    }
    int32_t best = n_most;
    for (int32_t n = n_most - 1; n > 0; n--) {
        best = speed_of(g, n) > speed_of(g, best) ? n : best;
    }
    if (speed_of(g, best) > WORTH / costs[1] || ++g.n_passed >= g.patience) {
        return best;
    }
    return 0;
}

void drafting::report_plain(double took_ms) {
    smooth(costs[1], took_ms);
}

void drafting::report_draft(int32_t n_matched, int32_t n_drafted, int32_t n_accepted, double took_ms) {
    smooth(costs[n_drafted + 1], took_ms);
    group & g = groups[group_of(n_matched)];
    for (int32_t i = 0; i < n_drafted && i <= n_accepted; i++) {
        g.agreeing += LEARN * ((i < n_accepted ? 1.0 : 0.0) - g.agreeing);
    }
    const bool has_paid = (1 + n_accepted) * costs[1] > took_ms;
    g.patience = has_paid || g.n_passed < g.patience ? FIRST_PATIENCE : std::min(2 * g.patience, LAST_PATIENCE);
    g.n_passed = 0;
}

}
