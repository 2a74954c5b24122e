// SHA-256 (FIPS 180-4) whose state can be taken out and gone on with: the hash of a download outlives the process that began it.
// Uses the processor's own instructions where it has them. Knows no N-API and no files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ingot {

class sha256 {
public:
    static constexpr size_t N_BLOCK = 64;

    sha256();

    // Goes on where `save` was called. Throws std::invalid_argument for bytes that are no state.
    explicit sha256(const std::vector<uint8_t> & state);

    void update(const uint8_t * bytes, size_t n);

    // the eight words and the count of bytes, both big-endian, then the bytes that do not fill a block yet
    std::vector<uint8_t> save() const;

    // of all bytes so far, in lower-case hex; more may follow
    std::string digest() const;

    // without the processor's instructions, for comparisons
    bool plain = false;

private:
    void compress(const uint8_t * blocks, size_t n_blocks);

    uint32_t words[8];
    uint64_t n_bytes = 0;
    uint8_t  rest[N_BLOCK] = {};
};

// whether the processor has instructions for it; without them other implementations are faster
bool sha256_has_instructions();

// the round constants, and what takes in whole blocks
extern const uint32_t SHA256_ROUNDS[64];
typedef void (*sha256_function)(uint32_t * words, const uint8_t * blocks, size_t n_blocks);

// null where the compiler or the target does not have these instructions; to be called only where the processor does
extern const sha256_function sha256_x86;

}
