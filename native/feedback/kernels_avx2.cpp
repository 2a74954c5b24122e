// see kernels.h: compiled with AVX2 and FMA by CMakeLists.txt
#include "kernels.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <cstdint>
#include <immintrin.h>

namespace ingot {

namespace {

const int64_t TILE_ROWS    = 4;
const int64_t TILE_COLUMNS = 16;

// see add_products: eight sums of eight columns
void add_tile(float * y, size_t y_stride, const float * c, size_t c_stride, int64_t n_terms, const float * packed) {
    __m256 sums[TILE_ROWS][2] = {};
    for (int64_t k = 0; k < n_terms; k++, packed += TILE_COLUMNS) {
        const __m256 left = _mm256_loadu_ps(packed), right = _mm256_loadu_ps(packed + 8);
        for (int64_t r = 0; r < TILE_ROWS; r++) {
            const __m256 factor = _mm256_broadcast_ss(c + r * c_stride + k);
            sums[r][0] = _mm256_fmadd_ps(factor, left, sums[r][0]);
            sums[r][1] = _mm256_fmadd_ps(factor, right, sums[r][1]);
        }
    }
    for (int64_t r = 0; r < TILE_ROWS; r++) {
        float * out = y + r * y_stride;
        _mm256_storeu_ps(out, _mm256_add_ps(_mm256_loadu_ps(out), sums[r][0]));
        _mm256_storeu_ps(out + 8, _mm256_add_ps(_mm256_loadu_ps(out + 8), sums[r][1]));
    }
}

}

}

#define INGOT_FEED_KERNELS feed_kernels_avx2
#include "kernels_body.h"
#else
namespace ingot {
const feed_kernels feed_kernels_avx2 = {};
}
#endif
