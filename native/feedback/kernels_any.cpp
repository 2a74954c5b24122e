// see kernels.h: for any processor, and the choice
#include "kernels.h"

#include <cstdint>

namespace ingot {

namespace {

const int64_t TILE_ROWS    = 4;
const int64_t TILE_COLUMNS = 8;

// see add_products
void add_tile(float * y, size_t y_stride, const float * c, size_t c_stride, int64_t n_terms, const float * packed) {
    float sums[TILE_ROWS][TILE_COLUMNS] = {};
    for (int64_t k = 0; k < n_terms; k++, packed += TILE_COLUMNS) {
        for (int64_t r = 0; r < TILE_ROWS; r++) {
            const float factor = c[r * c_stride + k];
            for (int64_t j = 0; j < TILE_COLUMNS; j++) {
                sums[r][j] += factor * packed[j];
            }
        }
    }
    for (int64_t r = 0; r < TILE_ROWS; r++) {
        for (int64_t j = 0; j < TILE_COLUMNS; j++) {
            y[r * y_stride + j] += sums[r][j];
        }
    }
}

}

}

#define INGOT_FEED_KERNELS feed_kernels_any
#include "kernels_body.h"

namespace ingot {

const feed_kernels & best_feed_kernels() {
#if defined(__x86_64__) && defined(__GNUC__)
    static const bool has_avx2 = feed_kernels_avx2.feed && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return has_avx2 ? feed_kernels_avx2 : feed_kernels_any;
#else
    return feed_kernels_any;
#endif
}

}
