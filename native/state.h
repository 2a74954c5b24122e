// A sequence's state as bytes that can be kept in a file: llama.cpp's own bytes behind a header that says which model,
// how many tokens and how long, with a checksum over all of it. llama.cpp only finds out in the middle of reading that
// bytes are damaged or another model's, and does not check all it reads. The checksum finds damage, not malice.
#pragma once

#include "model.h"

#include <cstdint>
#include <vector>

namespace ingot {

struct saved_sequence {
    std::vector<llama_token> tokens;
    std::vector<uint8_t>     state; // packed
};

// what a state must have in common with the model that it is restored into
uint64_t fingerprint_of(const model & of);

// Room for the header, to be followed by llama.cpp's bytes and completed by seal().
extern const size_t N_STATE_HEADER;
void seal(std::vector<uint8_t> & state, uint64_t fingerprint, const std::vector<llama_token> & tokens);

// Whether the bytes are whole and of that model and those tokens; `has_cells`: one cell of the KV cache per token.
bool is_sealed(const std::vector<uint8_t> & state, uint64_t fingerprint, const std::vector<llama_token> & tokens, bool has_cells);

}
