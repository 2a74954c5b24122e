// see grammar.h
#include "grammar.h"

#include <algorithm>
#include <stdexcept>

namespace ingot {

namespace {

const size_t   N_MOST_IN_SET = 20000;
const size_t   N_MOST_ITEMS  = 4000000;   // 48 MB
const uint64_t N_MOST_STEPS  = 50000000; // of one text, and of all that is tried behind it: less than a second

[[noreturn]] void refuse() {
    throw std::invalid_argument("The grammar is not valid");
}

}

grammar::grammar(std::vector<int32_t> given) : numbers(std::move(given)) {
    size_t        at      = 0;
    const int32_t n_nodes = take(at);
    if (n_nodes < 1 || (size_t) n_nodes > numbers.size()) {
        refuse();
    }
    nodes.reserve(n_nodes);
    for (int32_t i = 0; i < n_nodes; i++) {
        const int32_t what = take(at);
        if (what < 0 || what > (int32_t) kind::automaton) {
            refuse();
        }
        node n{ (kind) what, 0, 0 };
        switch (n.what) {
            case kind::byte_class:
                n.begin = (int32_t) at;
                n.n     = 8;
                break;
            case kind::repeat:
                n.n   = part_at(at, n_nodes);
                n.min = take(at);
                n.max = take(at);
                if (n.min < 0 || n.max < -1 || (n.max >= 0 && n.max < n.min)) {
                    refuse();
                }
                break;
            case kind::automaton:
                take_automaton(n, at, n_nodes);
                break;
            default:
                n.n     = take(at);
                n.begin = (int32_t) at;
        }
        if (n.what != kind::repeat && n.what != kind::automaton) {
            if (n.n < 0 || (size_t) n.n > numbers.size() - at) {
                refuse();
            }
            if (n.what == kind::sequence || n.what == kind::choice) {
                for (int32_t j = 0; j < n.n; j++) {
                    part_at(at, n_nodes);
                }
            } else {
                at += n.n;
            }
            if (n.what == kind::choice) {
                std::sort(numbers.begin() + n.begin, numbers.begin() + n.begin + n.n); // for has_part
            }
        }
        nodes.push_back(n);
    }
    if (at != numbers.size()) {
        refuse();
    }
    find_empty();
}

int32_t grammar::take(size_t & at) const {
    if (at >= numbers.size()) {
        refuse();
    }
    return numbers[at++];
}

int32_t grammar::part_at(size_t & at, int32_t n_nodes) const {
    const int32_t part = take(at);
    if (part < 0 || part >= n_nodes) {
        refuse();
    }
    return part;
}

// How many numbers follow; for each state its number of edges and those.
void grammar::take_automaton(node & n, size_t & at, int32_t n_nodes) {
    const int32_t n_numbers = take(at);
    if (n_numbers < 1 || (size_t) n_numbers > numbers.size() - at) {
        refuse();
    }
    const size_t end         = at + n_numbers;
    const size_t first_edge  = edges.size();
    n.begin                  = (int32_t) state_begins.size();
    while (at < end) {
        state_begins.push_back((int32_t) edges.size());
        const int32_t n_edges = take(at);
        if (n_edges < 0 || (size_t) n_edges * 2 > end - at) {
            refuse();
        }
        for (int32_t i = 0; i < n_edges; i++) {
            const int32_t part = numbers[at];
            if (part < -1 || part >= n_nodes) {
                refuse();
            }
            edges.push_back({ part, numbers[at + 1] });
            at += 2;
        }
    }
    n.n = (int32_t) state_begins.size() - n.begin;
    state_begins.push_back((int32_t) edges.size());
    for (size_t i = first_edge; i < edges.size(); i++) {
        if (edges[i].to < 0 || edges[i].to >= n.n) {
            refuse();
        }
    }
}

// Whether the last state is reached by edges without parts.
bool grammar::ends_at_once(const node & automaton) const {
    std::vector<bool>    is_reached(automaton.n, false);
    std::vector<int32_t> found = { 0 };
    is_reached[0]              = true;
    while (!found.empty()) {
        const int32_t state = found.back();
        found.pop_back();
        for (const edge * e = edges_begin(automaton, state); e != edges_end(automaton, state); e++) {
            if (e->part < 0 && !is_reached[e->to]) {
                is_reached[e->to] = true;
                found.push_back(e->to);
            }
        }
    }
    return is_reached[automaton.n - 1];
}

bool grammar::has_part(const node & choice, int32_t part) const {
    return std::binary_search(numbers.begin() + choice.begin, numbers.begin() + choice.begin + choice.n, part);
}

// Each node that turns out to match nothing is told to those that have it as a part.
void grammar::find_empty() {
    std::vector<std::vector<int32_t>> users(nodes.size());
    std::vector<int32_t>              n_missing(nodes.size(), 0);
    std::vector<int32_t>              found;
    for (int32_t i = 0; i < size(); i++) {
        const node & n = nodes[i];
        if (n.what == kind::repeat) {
            users[n.n].push_back(i);
        } else if (n.what == kind::sequence || n.what == kind::choice) {
            for (int32_t j = 0; j < n.n; j++) {
                users[numbers[n.begin + j]].push_back(i);
            }
        }
        n_missing[i] = n.what == kind::sequence ? n.n : 1;
        const bool is_empty = (n.what == kind::repeat && n.min == 0) || (n.what == kind::automaton && ends_at_once(n)) || ((n.what == kind::literal || n.what == kind::sequence) && n.n == 0);
        if (is_empty) {
            nodes[i].can_be_empty = true;
            found.push_back(i);
        }
    }
    while (!found.empty()) {
        const int32_t part = found.back();
        found.pop_back();
        for (int32_t user : users[part]) {
            if (!nodes[user].can_be_empty && --n_missing[user] <= 0) {
                nodes[user].can_be_empty = true;
                found.push_back(user);
            }
        }
    }
    for (const edge & e : edges) {
        if (e.part >= 0 && nodes[e.part].can_be_empty) {
            refuse(); // an edge without a part says the same
        }
    }
    for (node & n : nodes) {
        if (n.what == kind::repeat && nodes[n.n].can_be_empty) {
            n.min = 0; // the same texts, and none of them counts empty parts
        }
    }
}

grammar_text::grammar_text(std::shared_ptr<const grammar> given, int32_t root) : rules(std::move(given)), root(root), table(256, 0) {
    if (root < 0 || root >= rules->size()) {
        throw std::invalid_argument("The grammar has no such root");
    }
    starts.push_back(0);
    generation++;
    add({ root, 0, 0 });
    close_set();
}

bool grammar_text::allows(std::string_view bytes) {
    return behind(bytes, [] {});
}

bool grammar_text::behind(std::string_view bytes, const std::function<void()> & look) {
    if (bytes.empty() || !can_begin((uint8_t) bytes[0])) {
        return bytes.empty() && !given_up;
    }
    const int32_t  n_before     = n_sets();
    const int32_t  end_before   = end_at;
    const uint64_t steps_before = n_steps;
    bool           is_allowed   = true;
    for (size_t i = 0; i < bytes.size() && is_allowed; i++) {
        is_allowed = advance((uint8_t) bytes[i]);
    }
    if (is_allowed && !given_up) {
        look();
    }
    go_back(n_before, end_before);
    n_tried += n_steps - steps_before;
    n_steps  = steps_before;
    given_up = given_up || n_tried > N_MOST_STEPS;
    return is_allowed && !given_up;
}

bool grammar_text::push(std::string_view bytes) {
    const int32_t n_before   = n_sets();
    const int32_t end_before = end_at;
    n_tried   = 0;
    has_first = false;
    for (const char byte : bytes) {
        if (!advance((uint8_t) byte) || given_up) {
            go_back(n_before, end_before);
            return false;
        }
    }
    return true;
}

// Most tokens of a vocabulary are told by their first byte.
bool grammar_text::can_begin(uint8_t byte) {
    if (!has_first) {
        std::fill(first, first + 8, 0u);
        for (size_t i = starts.back(); i < items.size(); i++) {
            const item            it = items[i];
            const grammar::node & n  = rules->at(it.node);
            if (n.what == grammar::kind::literal && it.done < n.n) {
                const int32_t next = rules->number(n.begin + it.done) & 255;
                first[next >> 5] |= 1u << (next & 31);
            } else if (n.what == grammar::kind::byte_class && it.done == 0) {
                for (int32_t word = 0; word < 8; word++) {
                    first[word] |= (uint32_t) rules->number(n.begin + word);
                }
            }
        }
        has_first = true;
    }
    return first[byte >> 5] >> (byte & 31) & 1;
}

bool grammar_text::can_go_on() const {
    for (size_t i = starts.back(); i < items.size() && !given_up; i++) {
        const grammar::node & n = rules->at(items[i].node);
        if ((n.what == grammar::kind::literal && items[i].done < n.n) || (n.what == grammar::kind::byte_class && items[i].done == 0)) {
            return true;
        }
    }
    return false;
}

void grammar_text::go_back(int32_t n, int32_t end) {
    if (n < n_sets()) {
        items.resize(starts[n]);
        starts.resize(n);
    }
    end_at = end;
}

// Adds the set behind one more byte; false and nothing is added when the byte does not fit.
bool grammar_text::advance(uint8_t byte) {
    if (given_up) {
        return false;
    }
    const size_t begin = starts.back();
    const size_t end   = items.size();
    starts.push_back(end);
    generation++;
    for (size_t i = begin; i < end; i++) {
        const item            it = items[i];
        const grammar::node & n  = rules->at(it.node);
        const bool            fits =
            n.what == grammar::kind::literal ? it.done < n.n && rules->number(n.begin + it.done) == byte
                                             : n.what == grammar::kind::byte_class && it.done == 0 && ((uint32_t) rules->number(n.begin + (byte >> 5)) >> (byte & 31) & 1);
        if (fits) {
            add({ it.node, it.done + 1, it.origin });
        }
    }
    n_steps += end - begin;
    if (items.size() == end) {
        starts.pop_back();
        return false;
    }
    close_set();
    return true;
}

// What the items of the last set make possible at the same place.
void grammar_text::close_set() {
    for (size_t i = starts.back(); i < items.size() && !given_up; i++) {
        const item            it = items[i];
        const grammar::node & n  = rules->at(it.node);
        n_steps++;
        switch (n.what) {
            case grammar::kind::literal:
                if (it.done == n.n) {
                    complete(it);
                }
                break;
            case grammar::kind::byte_class:
                if (it.done == 1) {
                    complete(it);
                }
                break;
            case grammar::kind::sequence:
                if (it.done == n.n) {
                    complete(it);
                } else {
                    predict(it, rules->number(n.begin + it.done));
                }
                break;
            case grammar::kind::choice:
                if (it.done == 1) {
                    complete(it);
                } else {
                    for (int32_t j = 0; j < n.n; j++) {
                        predict(it, rules->number(n.begin + j));
                    }
                }
                break;
            case grammar::kind::repeat:
                if (it.done >= n.min) {
                    complete(it);
                }
                if (n.max < 0 || it.done < n.max) {
                    predict(it, n.n);
                }
                break;
            case grammar::kind::automaton:
                if (it.done == n.n - 1) {
                    complete(it);
                }
                for (const grammar::edge * e = rules->edges_begin(n, it.done); e != rules->edges_end(n, it.done); e++) {
                    add(e->part < 0 ? item{ it.node, e->to, it.origin } : item{ e->part, 0, n_sets() - 1 });
                }
                break;
        }
        given_up = given_up || items.size() - starts.back() > N_MOST_IN_SET || items.size() > N_MOST_ITEMS || n_steps > N_MOST_STEPS;
    }
}

void grammar_text::predict(const item & from, int32_t part) {
    add({ part, 0, n_sets() - 1 });
    // it may be whole already, and then whoever was waiting for it has been passed
    if (rules->at(part).can_be_empty && rules->at(from.node).what != grammar::kind::repeat) {
        add(advanced(from));
    }
}

void grammar_text::complete(const item & whole) {
    if (whole.origin == 0 && whole.node == root) {
        end_at = n_sets() - 1;
    }
    const size_t begin = starts[whole.origin];
    const size_t end   = whole.origin + 1 < n_sets() ? starts[whole.origin + 1] : items.size();
    n_steps += end - begin;
    for (size_t i = begin; i < end; i++) {
        go_on(items[i], whole.node);
    }
}

// The item behind a part that it may have been waiting for; an automaton may have been in several ways.
void grammar_text::go_on(const item & given, int32_t part) {
    const item            it = given; // adding moves items
    const grammar::node & n  = rules->at(it.node);
    if (n.what != grammar::kind::automaton) {
        if (waits_for(it, part)) {
            add(advanced(it));
        }
        return;
    }
    for (const grammar::edge * e = rules->edges_begin(n, it.done); e != rules->edges_end(n, it.done); e++) {
        if (e->part == part) {
            add({ it.node, e->to, it.origin });
        }
    }
}

bool grammar_text::waits_for(const item & i, int32_t part) const {
    const grammar::node & n = rules->at(i.node);
    switch (n.what) {
        case grammar::kind::sequence:
            return i.done < n.n && rules->number(n.begin + i.done) == part;
        case grammar::kind::choice:
            return i.done == 0 && rules->has_part(n, part);
        case grammar::kind::repeat:
            return n.n == part && (n.max < 0 || i.done < n.max);
        default:
            return false;
    }
}

// Without a limit there is nothing to count beyond the least number.
grammar_text::item grammar_text::advanced(const item & i) const {
    const grammar::node & n = rules->at(i.node);
    const int32_t      done = i.done + 1;
    return { i.node, n.what == grammar::kind::repeat && n.max < 0 ? std::min(done, n.min) : done, i.origin };
}

void grammar_text::add(const item & i) {
    if (!is_known(i)) {
        items.push_back(i);
    }
}

namespace {

size_t hash_of(int32_t node, int32_t done, int32_t origin) {
    uint64_t h = (uint64_t) (uint32_t) node * 0x9e3779b97f4a7c15u;
    h          = (h ^ (uint32_t) done) * 0xbf58476d1ce4e5b9u;
    h          = (h ^ (h >> 29) ^ (uint32_t) origin) * 0x94d049bb133111ebu;
    return (size_t) (h ^ (h >> 32));
}

}

// Open addressing; what is of another generation is free. Not known: it is entered for the place at the end of items.
bool grammar_text::is_known(const item & i) {
    const size_t n_in_set = items.size() - starts.back();
    if ((n_in_set + 1) * 2 > table.size()) {
        grow_table();
    }
    const size_t mask = table.size() - 1;
    for (size_t at = hash_of(i.node, i.done, i.origin) & mask;; at = (at + 1) & mask) {
        if ((uint32_t) (table[at] >> 32) != generation) {
            table[at] = (uint64_t) generation << 32 | (uint32_t) items.size();
            return false;
        }
        const item & other = items[(uint32_t) table[at]];
        if (other.node == i.node && other.done == i.done && other.origin == i.origin) {
            return true;
        }
    }
}

void grammar_text::grow_table() {
    table.assign(table.size() * 2, 0);
    const size_t mask = table.size() - 1;
    for (size_t place = starts.back(); place < items.size(); place++) {
        const item & i  = items[place];
        size_t       at = hash_of(i.node, i.done, i.origin) & mask;
        while ((uint32_t) (table[at] >> 32) == generation) {
            at = (at + 1) & mask;
        }
        table[at] = (uint64_t) generation << 32 | (uint32_t) place;
    }
}

}
