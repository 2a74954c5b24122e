// see checkpoints.h
#include "checkpoints.h"

namespace ingot {

namespace {

const size_t N_MOST = 8;

}

void checkpoints::add(snapshot taken) {
    size_t n_bytes = taken.bytes.size();
    if (n_bytes > n_bytes_most) {
        return;
    }
    snapshots.push_back(std::move(taken));
    for (size_t i = 0; i + 1 < snapshots.size(); i++) {
        n_bytes += snapshots[i].bytes.size();
    }
    while (snapshots.size() > N_MOST || n_bytes > n_bytes_most) {
        const size_t n_before = snapshots.size();
        n_bytes -= snapshots.front().bytes.size(); // all are about as large
        drop_one();
        if (snapshots.size() == n_before) {
            break;
        }
    }
}

// The one whose loss costs least: what would be evaluated again beside what follows it anyway. Never the newest.
void checkpoints::drop_one() {
    const double end   = (double) snapshots.back().n_tokens;
    size_t       worst = 0;
    double       least = 0.0;
    for (size_t i = 0; i + 1 < snapshots.size(); i++) {
        const double before = i == 0 ? 0.0 : (double) snapshots[i - 1].n_tokens;
        const double loss   = ((double) snapshots[i + 1].n_tokens - before) / (end - (double) snapshots[i].n_tokens + 1.0);
        if (i == 0 || loss < least) {
            worst = i;
            least = loss;
        }
    }
    snapshots.erase(snapshots.begin() + worst);
}

const checkpoints::snapshot * checkpoints::latest(size_t n_most) const {
    for (auto at = snapshots.rbegin(); at != snapshots.rend(); ++at) {
        if (at->n_tokens <= n_most) {
            return &*at;
        }
    }
    return nullptr;
}

void checkpoints::drop_after(size_t n_tokens) {
    while (!snapshots.empty() && snapshots.back().n_tokens > n_tokens) {
        snapshots.pop_back();
    }
}

}
