// see ngrams.h
#include "ngrams.h"

#include <algorithm>

namespace ingot {

namespace {

const int32_t N_TRIED  = 64; // earlier occurrences that are compared
const int32_t N_LONGEST = 32; // longer matches are not better
const size_t  N_SLOTS   = 1024;

}

size_t ngrams::slot_of(int32_t first, int32_t second) const {
    const uint64_t key = ((uint64_t) (uint32_t) first << 32) | (uint32_t) second;
    return (size_t) ((key * 0x9e3779b97f4a7c15ull) >> 32) & (latest.size() - 1);
}

void ngrams::push(int32_t token) {
    if (text.size() >= latest.size()) {
        grow();
    }
    text.push_back(token);
    earlier.push_back(-1);
    if (text.size() > 1) {
        int32_t & head = latest[slot_of(text[text.size() - 2], token)];
        earlier.back() = head;
        head           = (int32_t) text.size() - 1;
    }
}

void ngrams::grow() {
    latest.assign(std::max(N_SLOTS, 2 * latest.size()), -1);
    for (size_t i = 1; i < text.size(); i++) {
        int32_t & head = latest[slot_of(text[i - 1], text[i])];
        earlier[i] = head;
        head       = (int32_t) i;
    }
}

ngrams::match ngrams::find() const {
    match best;
    if (text.size() < 2) {
        return best;
    }
    const size_t end = text.size() - 1;
    int32_t      at  = earlier[end];
    for (int32_t tried = 0; at >= 0 && tried < N_TRIED; at = earlier[at], tried++) {
        int32_t length = 0;
        while (length < N_LONGEST && length <= at && text[at - length] == text[end - length] && text[at - length] != SEPARATOR) {
            length++;
        }
        if (length >= 2 && length > best.length) {
            best = { (size_t) at, length };
        }
    }
    return best;
}

std::vector<int32_t> ngrams::following(const match & m, int32_t n) const {
    std::vector<int32_t> found;
    for (size_t i = 0; m.length > 0 && i < (size_t) n; i++) {
        const size_t  at    = m.end + 1 + i;
        const int32_t token = at < text.size() ? text[at] : found[at - text.size()];
        if (token == SEPARATOR) {
            break;
        }
        found.push_back(token);
    }
    return found;
}

}
