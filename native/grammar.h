// Whether bytes are, or can become, what a grammar allows. Made by src/tools/grammar.ts from JSON schemas of others, so it is
// hostile input: read with bounds, followed without recursion, and in polynomial time and memory however ambiguous it is
// (Earley's algorithm); a limit ends what would take too long. Pure: neither tokens nor llama.cpp are known here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ingot {

class grammar {
public:
    // The numbers of a Program. Throws std::invalid_argument when they are none.
    explicit grammar(std::vector<int32_t> numbers);

    // An automaton's states have edges, each with a part or without one; its text ends in the last state. What is ambiguous inside of it
    // costs no more than its states, whatever the length of the text: regular expressions are written so.
    enum class kind : int32_t { literal, byte_class, sequence, choice, repeat, automaton };
    struct node {
        kind    what;
        int32_t begin;    // of its bytes, words or parts; of an automaton's states in edges_begin
        int32_t n;        // of them
        int32_t min = 0;  // repeat; n is the part
        int32_t max = -1; // -1: no limit
        bool    can_be_empty = false;
    };

    int32_t size() const { return (int32_t) nodes.size(); }
    const node & at(int32_t i) const { return nodes[i]; }
    int32_t number(int32_t i) const { return numbers[i]; }
    // Of all automata, one behind each other; an automaton's `begin` is its first.
    int32_t n_states() const { return (int32_t) state_begins.size(); }
    bool has_part(const node & choice, int32_t part) const;

    struct edge {
        int32_t part; // -1: none
        int32_t to;
    };
    const edge * edges_begin(const node & automaton, int32_t state) const { return edges.data() + state_begins[automaton.begin + state]; }
    const edge * edges_end(const node & automaton, int32_t state) const { return edges.data() + state_begins[automaton.begin + state + 1]; }

private:
    int32_t take(size_t & at) const;
    int32_t part_at(size_t & at, int32_t n_nodes) const;
    void take_automaton(node & n, size_t & at, int32_t n_nodes);
    bool ends_at_once(const node & automaton) const;
    void find_empty();

    std::vector<int32_t> numbers;
    std::vector<node>    nodes;
    std::vector<edge>    edges;
    std::vector<int32_t> state_begins; // in edges: of each automaton's states, and the end of the last one's
};

// How far a text has come in a grammar.
class grammar_text {
public:
    // Throws std::invalid_argument when the root is no node.
    grammar_text(std::shared_ptr<const grammar> rules, int32_t root);

    // Whether the text can go on with these bytes. Changes nothing.
    bool allows(std::string_view bytes);
    // Calls `look` as if it had taken them, when it can.
    bool behind(std::string_view bytes, const std::function<void()> & look);
    // Takes them when it can; false: the text is as it was.
    bool push(std::string_view bytes);
    // Whether it may end here.
    bool is_complete() const { return end_at == n_sets() - 1; }
    // Whether any byte can follow.
    bool can_go_on() const;
    // The grammar is too ambiguous to be followed; nothing is allowed any more.
    bool has_given_up() const { return given_up; }

private:
    friend class shortest;
    // A node of which a part is there: `done` bytes or parts of it, since the set `origin`.
    struct item {
        int32_t node;
        int32_t done;
        int32_t origin;
    };
    int32_t n_sets() const { return (int32_t) starts.size(); }
    bool advance(uint8_t byte);
    void go_back(int32_t n_sets, int32_t end);
    void close_set();
    void add(const item & i);
    void predict(const item & from, int32_t part);
    void complete(const item & whole);
    void go_on(const item & i, int32_t part);
    bool waits_for(const item & i, int32_t part) const;
    item advanced(const item & i) const;
    bool can_begin(uint8_t byte);
    bool is_known(const item & i);
    void grow_table();

    const std::shared_ptr<const grammar> rules;
    const int32_t         root;
    std::vector<item>     items;  // of all sets
    std::vector<size_t>   starts; // of each set: one for every byte, and the first
    int32_t               end_at = -1; // the last set in which the root was whole
    std::vector<uint64_t> table;  // which items of the last set are there: generation and place
    uint32_t              generation = 0;
    uint64_t              n_steps    = 0; // of the text
    uint64_t              n_tried    = 0; // of what was asked of it since it was last added to
    bool                  given_up   = false;
    bool                  has_first  = false; // whether `first` is known
    uint32_t              first[8]   = {};    // the bytes that can follow
};

}
