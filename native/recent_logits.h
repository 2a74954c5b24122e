// The rows of logits that were computed last, by the tokens they follow: while somebody types inside a word the prompt is the
// same each time, and so is what the model thinks of its next token. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace ingot {

class recent_logits {
public:
    // n_most rows are kept, the oldest goes first
    explicit recent_logits(size_t n_most) : n_most(n_most) {}

    void remember(const std::vector<int32_t> & tokens, const float * row, int32_t n_vocabulary);

    // Null when the row is not there. Valid until the next remember.
    const std::vector<float> * find(const std::vector<int32_t> & tokens) const;

private:
    struct entry {
        uint64_t             hash;
        std::vector<int32_t> tokens;
        std::vector<float>   row;
    };
    const entry * find_entry(uint64_t hash, const std::vector<int32_t> & tokens) const;

    const size_t      n_most;
    std::deque<entry> entries; // newest last
};

}
