// States of one sequence at earlier lengths, for models that cannot drop the tail of what they hold (recurrent ones): from
// the latest one at or before the common beginning the rest is evaluated again. A bounded number, dense near the end and
// sparse before. Pure container: sequences.h takes the states and puts them back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ingot {

class checkpoints {
public:
    struct snapshot {
        size_t               n_tokens;
        std::vector<uint8_t> bytes;
    };

    // n_bytes_most: of all snapshots together
    explicit checkpoints(size_t n_bytes_most) : n_bytes_most(n_bytes_most) {}

    // Lengths only grow: those longer than one that is dropped were dropped before.
    void add(snapshot taken);

    // The longest one of at most n_most tokens; null: there is none.
    const snapshot * latest(size_t n_most) const;
    size_t length() const { return snapshots.empty() ? 0 : snapshots.back().n_tokens; }

    // those that are longer
    void drop_after(size_t n_tokens);

private:
    void drop_one();

    const size_t          n_bytes_most;
    std::vector<snapshot> snapshots; // by length
};

}
