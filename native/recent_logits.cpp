// see recent_logits.h
#include "recent_logits.h"

namespace ingot {

namespace {

// FNV-1a over the tokens: tells most of them apart without a comparison
uint64_t hash_of(const std::vector<int32_t> & tokens) {
    uint64_t hash = 14695981039346656037ull;
    for (int32_t token : tokens) {
        hash = (hash ^ (uint32_t) token) * 1099511628211ull;
    }
    return hash;
}

}

const recent_logits::entry * recent_logits::find_entry(uint64_t hash, const std::vector<int32_t> & tokens) const {
    for (auto it = entries.rbegin(); it != entries.rend(); ++it) {
        if (it->hash == hash && it->tokens == tokens) {
            return &*it;
        }
    }
    return nullptr;
}

void recent_logits::remember(const std::vector<int32_t> & tokens, const float * row, int32_t n_vocabulary) {
    const uint64_t hash = hash_of(tokens);
    if (find_entry(hash, tokens)) {
        return;
    }
    entry e;
    if (entries.size() >= n_most) {
        e = std::move(entries.front()); // its memory is used again
        entries.pop_front();
    }
    e.hash   = hash;
    e.tokens = tokens;
    e.row.assign(row, row + n_vocabulary);
    entries.push_back(std::move(e));
}

const std::vector<float> * recent_logits::find(const std::vector<int32_t> & tokens) const {
    const entry * e = find_entry(hash_of(tokens), tokens);
    return e ? &e->row : nullptr;
}

}
