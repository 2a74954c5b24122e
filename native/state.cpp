// see state.h
#include "state.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace ingot {

namespace {

struct header {
    char     magic[8];
    uint64_t fingerprint;
    uint64_t n_tokens;
    uint64_t n_bytes; // after the header
    uint64_t checksum; // over the tokens and these bytes
};

const char MAGIC[8] = { 'i', 'n', 'g', 'o', 't', 's', 'q', '1' };

uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
    return hash ^ (hash >> 32);
}

uint64_t hash_bytes(uint64_t hash, const void * data, size_t n) {
    const auto * bytes = (const uint8_t *) data;
    uint64_t     word  = 0;
    for (; n >= sizeof(word); n -= sizeof(word), bytes += sizeof(word)) {
        memcpy(&word, bytes, sizeof(word));
        hash = mix(hash, word);
    }
    word = n;
    memcpy(&word, bytes, n);
    return mix(hash, word + (n << 56));
}

uint64_t checksum_of(const std::vector<uint8_t> & state, const std::vector<llama_token> & tokens) {
    const uint64_t hash = hash_bytes(1, tokens.data(), tokens.size() * sizeof(llama_token));
    return hash_bytes(hash, state.data() + sizeof(header), state.size() - sizeof(header));
}

// llama.cpp's bytes begin with a magic number, a sequence, the number of streams (one) and of cells; then, for each cell,
// its position and number of sequences (one), more in models with positions of several dimensions, and a sequence.
const size_t N_START = sizeof(header) + 4 * sizeof(uint32_t);
const size_t CELL_SIZES[] = { 3 * sizeof(uint32_t), 6 * sizeof(uint32_t) };

// whether the cells, of that size, are one for each position; llama.cpp would take others and never free them
bool has_all_positions(const std::vector<uint8_t> & state, size_t n_tokens, size_t cell_size) {
    if ((state.size() - N_START) / cell_size < n_tokens) {
        return false;
    }
    std::vector<bool> seen(n_tokens, false);
    for (size_t i = 0; i < n_tokens; i++) {
        uint32_t cell[2]; // position, sequences
        memcpy(cell, state.data() + N_START + i * cell_size, sizeof(cell));
        if (cell[0] >= n_tokens || seen[cell[0]] || cell[1] != 1) {
            return false;
        }
        seen[cell[0]] = true;
    }
    return true;
}

bool has_all_cells(const std::vector<uint8_t> & state, size_t n_tokens) {
    uint32_t counts[2]; // streams, cells
    if (state.size() < N_START) {
        return false;
    }
    memcpy(counts, state.data() + N_START - sizeof(counts), sizeof(counts));
    return counts[0] == 1 && counts[1] == n_tokens &&
           std::any_of(std::begin(CELL_SIZES), std::end(CELL_SIZES), [&](size_t size) { return has_all_positions(state, n_tokens, size); });
}

}

const size_t N_STATE_HEADER = sizeof(header);

uint64_t fingerprint_of(const model & of) {
    const std::string text = of.info.description + " " INGOT_RELEASE;
    uint64_t          hash = hash_bytes(1, text.data(), text.size());
    for (uint64_t part : { of.info.n_parameters, of.info.n_bytes, (uint64_t) of.info.n_vocabulary, (uint64_t) of.info.n_layers }) {
        hash = mix(hash, part);
    }
    return hash;
}

void seal(std::vector<uint8_t> & state, uint64_t fingerprint, const std::vector<llama_token> & tokens) {
    header h{ {}, fingerprint, tokens.size(), state.size() - sizeof(header), checksum_of(state, tokens) };
    memcpy(h.magic, MAGIC, sizeof(MAGIC));
    memcpy(state.data(), &h, sizeof(h));
}

bool is_sealed(const std::vector<uint8_t> & state, uint64_t fingerprint, const std::vector<llama_token> & tokens, bool has_cells) {
    header h;
    if (state.size() <= sizeof(h)) {
        return false;
    }
    memcpy(&h, state.data(), sizeof(h));
    return memcmp(h.magic, MAGIC, sizeof(MAGIC)) == 0 && h.fingerprint == fingerprint && h.n_tokens == tokens.size() &&
           h.n_bytes == state.size() - sizeof(h) && (!has_cells || has_all_cells(state, tokens.size())) &&
           h.checksum == checksum_of(state, tokens);
}

}
