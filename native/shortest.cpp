// see shortest.h
#include "shortest.h"

#include <algorithm>
#include <numeric>

namespace ingot {

namespace {

// a schema nests less; beyond it the way is not looked for
const int32_t N_MOST_DEEP = 1000; // of calls in each other, which fit the smallest stack of a thread
// what would take longer than a second is not looked for either
const uint64_t N_MOST_STEPS = 100000000;
// more than any call needs that is worth having
const int64_t N_MOST_BYTES = 10000;

int64_t sum(int64_t a, int64_t b) {
    return std::min(shortest::NEVER, a + b);
}

}

shortest::shortest(std::shared_ptr<const grammar> given) : rules(std::move(given)), least(rules->size(), NEVER), states(rules->n_states(), NEVER) {
    std::vector<std::vector<int32_t>> wholes(rules->size()); // what a node is part of
    for (int32_t i = 0; i < rules->size(); i++) {
        for (int32_t part : parts_of(rules->at(i))) {
            wholes[part].push_back(i);
        }
    }
    // parts mostly come behind what they are part of
    std::vector<int32_t> open(rules->size());
    std::iota(open.begin(), open.end(), 0);
    std::vector<bool> is_open(rules->size(), true);
    while (!open.empty() && n_steps < N_MOST_STEPS) {
        const int32_t i = open.back();
        open.pop_back();
        is_open[i] = false;
        if (!improve(i)) {
            continue;
        }
        for (int32_t whole : wholes[i]) {
            if (!is_open[whole]) {
                is_open[whole] = true;
                open.push_back(whole);
            }
        }
    }
}

std::vector<int32_t> shortest::parts_of(const grammar::node & n) const {
    std::vector<int32_t> parts;
    switch (n.what) {
        case grammar::kind::literal:
        case grammar::kind::byte_class:
            break;
        case grammar::kind::sequence:
        case grammar::kind::choice:
            for (int32_t j = 0; j < n.n; j++) {
                parts.push_back(rules->number(n.begin + j));
            }
            break;
        case grammar::kind::repeat:
            parts.push_back(n.n);
            break;
        case grammar::kind::automaton:
            for (int32_t state = 0; state < n.n; state++) {
                for (const grammar::edge * e = rules->edges_begin(n, state); e != rules->edges_end(n, state); e++) {
                    if (e->part >= 0) {
                        parts.push_back(e->part);
                    }
                }
            }
            break;
    }
    return parts;
}

bool shortest::improve(int32_t node) {
    const grammar::node & n = rules->at(node);
    if (n.what == grammar::kind::automaton) {
        improve_states(n);
    }
    n_steps += std::max(n.n, 1);
    const int64_t found = rest({ node, 0, 0 });
    if (found >= least[node]) {
        return false;
    }
    least[node] = found;
    return true;
}

void shortest::improve_states(const grammar::node & automaton) {
    states[automaton.begin + automaton.n - 1] = 0;
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t state = automaton.n - 1; state >= 0; state--) {
            int64_t & best = states[automaton.begin + state];
            for (const grammar::edge * e = rules->edges_begin(automaton, state); e != rules->edges_end(automaton, state); e++) {
                const int64_t found = sum(e->part < 0 ? 0 : least[e->part], states[automaton.begin + e->to]);
                n_steps++;
                if (found < best) {
                    best    = found;
                    changed = true;
                }
            }
        }
    }
}

// What an item itself still needs.
int64_t shortest::rest(const item & i) const {
    const grammar::node & n     = rules->at(i.node);
    int64_t               found = 0;
    switch (n.what) {
        case grammar::kind::literal:
            return n.n - i.done;
        case grammar::kind::byte_class:
            return 1 - i.done;
        case grammar::kind::sequence:
            for (int32_t j = i.done; j < n.n; j++) {
                found = sum(found, least[rules->number(n.begin + j)]);
            }
            return found;
        case grammar::kind::choice:
            found = i.done == 1 ? 0 : NEVER;
            for (int32_t j = 0; j < n.n && i.done == 0; j++) {
                found = std::min(found, least[rules->number(n.begin + j)]);
            }
            return found;
        case grammar::kind::repeat: {
            const int64_t one = least[n.n];
            const int64_t n_more = std::max(0, n.min - i.done);
            return n_more == 0 || one == 0 ? 0 : one >= NEVER / n_more ? NEVER : n_more * one;
        }
        case grammar::kind::automaton:
            return states[n.begin + i.done];
    }
    return NEVER;
}

// What is needed behind a node that began in a set: the least of those that wait for it there.
int64_t shortest::above(const grammar_text & text, int32_t node, int32_t origin, int32_t depth) {
    const uint64_t key = (uint64_t) (uint32_t) origin << 32 | (uint32_t) node;
    if (const auto found = known.find(key); found != known.end()) {
        return found->second;
    }
    int64_t best = node == text.root && origin == 0 ? 0 : NEVER;
    known[key]   = best; // while it is looked for: a way through itself is no shorter one
    const auto consider = [&](const item & waiting) {
        const int64_t own = rest(waiting);
        if (own < best) {
            best = std::min(best, sum(own, above(text, waiting.node, waiting.origin, depth + 1)));
        }
    };
    const size_t end = origin + 1 < text.n_sets() ? text.starts[origin + 1] : text.items.size();
    n_steps += end - text.starts[origin];
    for (size_t i = text.starts[origin]; i < end && depth < N_MOST_DEEP; i++) {
        const item            it = text.items[i];
        const grammar::node & n  = rules->at(it.node);
        if (n.what == grammar::kind::automaton) {
            for (const grammar::edge * e = rules->edges_begin(n, it.done); e != rules->edges_end(n, it.done); e++) {
                if (e->part == node) {
                    consider({ it.node, e->to, it.origin });
                }
            }
        } else if (text.waits_for(it, node)) {
            consider(text.advanced(it));
        }
    }
    known[key] = best;
    return best;
}

int64_t shortest::distance(const grammar_text & text) {
    known.clear();
    int64_t best = text.is_complete() ? 0 : NEVER;
    for (size_t i = text.starts.back(); i < text.items.size(); i++) {
        const item    it  = text.items[i];
        const int64_t own = rest(it);
        if (own < best) {
            best = std::min(best, sum(own, above(text, it.node, it.origin, 0)));
        }
    }
    return best;
}

std::optional<std::string> shortest::end(grammar_text text) {
    n_steps = 0;
    std::string taken;
    int64_t     left = distance(text);
    if (left > N_MOST_BYTES) {
        return std::nullopt;
    }
    for (; left > 0; left--) {
        if (!step(text, left - 1, taken)) {
            return std::nullopt;
        }
    }
    return taken;
}

// One more byte, behind which so many are left.
bool shortest::step(grammar_text & text, int64_t wanted, std::string & taken) {
    for (int byte = 0; byte < 256 && n_steps < N_MOST_STEPS; byte++) {
        const char piece = (char) byte;
        bool       fits  = false;
        text.behind({ &piece, 1 }, [&] { fits = distance(text) == wanted; });
        if (fits && text.push({ &piece, 1 })) {
            taken += piece;
            return true;
        }
    }
    return false;
}

}
