// A text of tokens that grows, and where its end has occurred before: what followed there is a guess at what follows now.
// Adding a token and looking up take constant time. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ingot {

class ngrams {
public:
    // what is never a token: no match goes across it
    static constexpr int32_t SEPARATOR = -1;

    size_t size() const { return text.size(); }
    void push(int32_t token);

    struct match {
        size_t  end    = 0; // of the earlier occurrence: index of its last token
        int32_t length = 0; // of it, at least 2; 0: there is none
    };
    // The longest earlier occurrence of the end, the latest one of equals.
    match find() const;

    // What followed it, n tokens; where that reaches the end of the text it goes on as if it repeated itself. Ends before
    // a separator.
    std::vector<int32_t> following(const match & m, int32_t n) const;

private:
    size_t slot_of(int32_t first, int32_t second) const;
    void grow();

    std::vector<int32_t> text;
    std::vector<int32_t> earlier; // for each token: the one before it whose pair with its predecessor falls into the same slot; -1: none
    std::vector<int32_t> latest;  // by slot; -1: none
};

}
