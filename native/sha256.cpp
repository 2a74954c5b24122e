// see sha256.h
#include "sha256.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#if defined(__x86_64__) && defined(__GNUC__)
#    include <cpuid.h>
#elif defined(_M_X64)
#    include <intrin.h>
#endif

namespace ingot {

const uint32_t SHA256_ROUNDS[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

namespace {

constexpr uint32_t FIRST_WORDS[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
constexpr size_t   N_HEAD         = 8 * 4 + 8; // of a saved state: words and count

inline uint32_t rotate(uint32_t v, int n) {
    return (v >> n) | (v << (32 - n));
}

template <typename T> T read_big(const uint8_t * bytes) {
    T value = 0;
    for (size_t i = 0; i < sizeof(T); i++) {
        value = (T) (value << 8) | bytes[i];
    }
    return value;
}

template <typename T> void write_big(T value, uint8_t * bytes) {
    for (size_t i = sizeof(T); i-- > 0; value >>= 8) {
        bytes[i] = (uint8_t) value;
    }
}

void compress_plain(uint32_t * words, const uint8_t * blocks, size_t n_blocks) {
    for (; n_blocks > 0; n_blocks--, blocks += sha256::N_BLOCK) {
        uint32_t schedule[64];
        for (int t = 0; t < 16; t++) {
            schedule[t] = read_big<uint32_t>(blocks + 4 * t);
        }
        for (int t = 16; t < 64; t++) {
            const uint32_t near = schedule[t - 2];
            const uint32_t far  = schedule[t - 15];
            schedule[t] = (rotate(near, 17) ^ rotate(near, 19) ^ (near >> 10)) + schedule[t - 7] +
                          (rotate(far, 7) ^ rotate(far, 18) ^ (far >> 3)) + schedule[t - 16];
        }
        uint32_t a = words[0], b = words[1], c = words[2], d = words[3], e = words[4], f = words[5], g = words[6], h = words[7];
        for (int t = 0; t < 64; t++) {
            const uint32_t first = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + SHA256_ROUNDS[t] + schedule[t];
            const uint32_t second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g;
            g = f;
            f = e;
            e = d + first;
            d = c;
            c = b;
            b = a;
            a = first + second;
        }
        const uint32_t sums[8] = { a, b, c, d, e, f, g, h };
        for (int i = 0; i < 8; i++) {
            words[i] += sums[i];
        }
    }
}

// SHA, and SSSE3 and SSE4.1 that go with it
bool has_instructions() {
#if defined(__x86_64__) && defined(__GNUC__)
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & (1u << 9)) || !(ecx & (1u << 19))) {
        return false;
    }
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & (1u << 29));
#elif defined(_M_X64)
    int info[4];
    __cpuid(info, 0);
    if (info[0] < 7) {
        return false;
    }
    __cpuid(info, 1);
    if (!(info[2] & (1 << 9)) || !(info[2] & (1 << 19))) {
        return false;
    }
    __cpuidex(info, 7, 0);
    return info[1] & (1 << 29);
#else
    return false;
#endif
}

}

bool sha256_has_instructions() {
    static const bool has = sha256_x86 && has_instructions();
    return has;
}

sha256::sha256() {
    memcpy(words, FIRST_WORDS, sizeof(words));
}

sha256::sha256(const std::vector<uint8_t> & state) {
    if (state.size() >= N_HEAD) {
        for (int i = 0; i < 8; i++) {
            words[i] = read_big<uint32_t>(state.data() + 4 * i);
        }
        n_bytes = read_big<uint64_t>(state.data() + 32);
    }
    if (state.size() < N_HEAD || state.size() != N_HEAD + n_bytes % N_BLOCK) {
        throw std::invalid_argument("These bytes are no state of a SHA-256");
    }
    std::copy(state.begin() + N_HEAD, state.end(), rest);
}

void sha256::update(const uint8_t * bytes, size_t n) {
    const size_t n_rest = n_bytes % N_BLOCK;
    n_bytes += n;
    if (n_rest > 0) {
        const size_t n_taken = std::min(n, N_BLOCK - n_rest);
        memcpy(rest + n_rest, bytes, n_taken);
        if (n_rest + n_taken < N_BLOCK) {
            return;
        }
        compress(rest, 1);
        bytes += n_taken;
        n -= n_taken;
    }
    compress(bytes, n / N_BLOCK);
    if (n % N_BLOCK > 0) {
        memcpy(rest, bytes + n / N_BLOCK * N_BLOCK, n % N_BLOCK);
    }
}

std::vector<uint8_t> sha256::save() const {
    std::vector<uint8_t> state(N_HEAD);
    for (int i = 0; i < 8; i++) {
        write_big(words[i], state.data() + 4 * i);
    }
    write_big(n_bytes, state.data() + 32);
    state.insert(state.end(), rest, rest + n_bytes % N_BLOCK);
    return state;
}

std::string sha256::digest() const {
    // a one bit, zeros up to eight bytes before the end of a block, and the count of bits
    uint8_t      end[2 * N_BLOCK] = { 0x80 };
    const size_t n_rest = n_bytes % N_BLOCK;
    const size_t n_end  = (n_rest < N_BLOCK - 8 ? N_BLOCK : 2 * N_BLOCK) - n_rest;
    write_big(n_bytes * 8, end + n_end - 8);
    sha256 last = *this;
    last.update(end, n_end);
    static const char digits[] = "0123456789abcdef";
    std::string text;
    for (uint32_t word : last.words) {
        for (int shift = 28; shift >= 0; shift -= 4) {
            text += digits[word >> shift & 0xf];
        }
    }
    return text;
}

void sha256::compress(const uint8_t * blocks, size_t n_blocks) {
    (sha256_has_instructions() && !plain ? sha256_x86 : compress_plain)(words, blocks, n_blocks);
}

}
