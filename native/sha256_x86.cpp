// Whole blocks of SHA-256 with the instructions that x86-64 processors have for it; only this file is compiled for them, and sha256.cpp
// asks the processor before it calls it. No functions of the standard library, for the reason that quantize_avx2.cpp gives.
#include "sha256.h"

#if defined(__SHA__) || (defined(_M_X64) && !defined(__clang__))

#include <immintrin.h>

#include <utility>

namespace ingot {

namespace {

// The words as the instructions want them, the first one named in the highest lane.
struct halves {
    __m128i abef;
    __m128i cdgh;
};

// Rounds 4 * GROUP to 4 * GROUP + 3. `schedule` holds the last sixteen words of the message schedule, four in each register; the
// words of this group take the place of those of sixteen rounds ago.
template <int GROUP> inline void rounds(halves & state, __m128i * schedule, const uint8_t * block) {
    const __m128i swapped = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    __m128i &     words   = schedule[GROUP % 4];
    if constexpr (GROUP < 4) {
        words = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *) block + GROUP), swapped);
    } else {
        const __m128i & before = schedule[(GROUP + 3) % 4];
        const __m128i   middle = _mm_alignr_epi8(before, schedule[(GROUP + 2) % 4], 4);
        words = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(words, schedule[(GROUP + 1) % 4]), middle), before);
    }
    const __m128i sums = _mm_add_epi32(words, _mm_loadu_si128((const __m128i *) SHA256_ROUNDS + GROUP));
    // two rounds each; what was abef before them is cdgh after them
    state.cdgh = _mm_sha256rnds2_epu32(state.cdgh, state.abef, sums);
    state.abef = _mm_sha256rnds2_epu32(state.abef, state.cdgh, _mm_unpackhi_epi64(sums, sums));
}

template <int... GROUPS> inline void all_rounds(halves & state, const uint8_t * block, std::integer_sequence<int, GROUPS...>) {
    __m128i schedule[4];
    (rounds<GROUPS>(state, schedule, block), ...);
}

void compress(uint32_t * words, const uint8_t * blocks, size_t n_blocks) {
    const __m128i abcd = _mm_loadu_si128((const __m128i *) words);
    const __m128i efgh = _mm_loadu_si128((const __m128i *) words + 1);
    // lanes from the lowest: b a and f e
    halves state = {
        _mm_unpacklo_epi64(_mm_shuffle_epi32(efgh, 0xE1), _mm_shuffle_epi32(abcd, 0xE1)),
        _mm_unpackhi_epi64(_mm_shuffle_epi32(efgh, 0xB4), _mm_shuffle_epi32(abcd, 0xB4)),
    };
    for (; n_blocks > 0; n_blocks--, blocks += sha256::N_BLOCK) {
        const halves before = state;
        all_rounds(state, blocks, std::make_integer_sequence<int, 16>());
        state.abef = _mm_add_epi32(state.abef, before.abef);
        state.cdgh = _mm_add_epi32(state.cdgh, before.cdgh);
    }
    const __m128i low  = _mm_unpackhi_epi64(state.abef, state.cdgh);
    const __m128i high = _mm_unpacklo_epi64(state.abef, state.cdgh);
    _mm_storeu_si128((__m128i *) words, _mm_shuffle_epi32(low, 0xB1));
    _mm_storeu_si128((__m128i *) words + 1, _mm_shuffle_epi32(high, 0xB1));
}

}

const sha256_function sha256_x86 = compress;

}

#else

const ingot::sha256_function ingot::sha256_x86 = nullptr;

#endif
