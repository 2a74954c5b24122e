// The shortest way from a text to an end that its grammar allows, for a model that does not find one by itself. Costs more than following
// a grammar, so it is asked only then. Pure: bytes only.
#pragma once

#include "grammar.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace ingot {

class shortest {
public:
    // Of bytes; what has no end.
    static constexpr int64_t NEVER = INT64_MAX / 4;

    explicit shortest(std::shared_ptr<const grammar> rules);

    // The fewest bytes after which the text may end, of several the least ones. None: there is no way, or it was not found.
    std::optional<std::string> end(grammar_text text);

private:
    int64_t distance(const grammar_text & text);
    bool step(grammar_text & text, int64_t wanted, std::string & taken);
    using item = grammar_text::item;
    int64_t rest(const item & i) const;
    int64_t above(const grammar_text & text, int32_t node, int32_t origin, int32_t depth);
    bool improve(int32_t node);
    void improve_states(const grammar::node & automaton);
    std::vector<int32_t> parts_of(const grammar::node & n) const;

    const std::shared_ptr<const grammar> rules;
    std::vector<int64_t> least;  // of each node
    std::vector<int64_t> states; // of each automaton's states, to its last one
    std::unordered_map<uint64_t, int64_t> known; // what a node that began in a set needs behind it
    uint64_t             n_steps = 0;
};

}
