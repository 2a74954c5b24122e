// Whether generated tokens have been repeating themselves for so long that they will go on. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ingot {

class repetition {
public:
    // How many of the last tokens only repeat a piece of up to N_LONGEST that stands in front of them; 0: not enough to matter.
    size_t push(int32_t token) {
        tokens.push_back(token);
        size_t n_found = 0;
        for (size_t length = 1; length <= N_LONGEST && length < tokens.size(); length++) {
            size_t & same = n_same[length - 1];
            same          = token == tokens[tokens.size() - 1 - length] ? same + 1 : 0;
            if (n_found == 0 && same >= std::max(N_TOKENS, N_TIMES * length)) {
                n_found = same;
            }
        }
        return n_found;
    }

private:
    // Rows of a table and bytes of an image repeat themselves as well, but seldom for that long.
    static constexpr size_t N_TOKENS  = 256;
    static constexpr size_t N_TIMES   = 16;
    static constexpr size_t N_LONGEST = 128;

    std::vector<int32_t>          tokens;
    std::array<size_t, N_LONGEST> n_same = {}; // tokens in a row that were the same so many before
};

}
