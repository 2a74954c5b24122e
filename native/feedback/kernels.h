// The arithmetic of error feedback, compiled twice: for any processor and for those with AVX2 and FMA. Rows are worked on in
// panels, so that what is read of a matrix serves many rows. All matrices are row by row, sizes in values.
#pragma once

#include "format.h"

#include <cstddef>

namespace ingot {

// Rows of weights and what is known of the inputs they are multiplied with.
struct feed_panel {
    const block_format & format;
    const float *        rows; // n_rows * n_columns, as they should be
    int64_t              n_rows;
    int64_t              n_columns;
    const float *        hessian;  // n_columns^2, symmetric
    const float *        feedback; // n_columns^2: [i][j] how much of column i's error column j takes, for i < j
    const float *        costs;    // n_columns: of a squared error that is left in a column
    half_functions       half;
    block_codes *        blocks; // n_rows * n_columns / n_block
    float *              values; // n_rows * n_columns: what the blocks stand for
};

struct feed_kernels {
    // y[r][j] += sum over k of c[r][k] * m[k][j]
    void (*add_products)(float * y, size_t y_stride, const float * c, size_t c_stride, int64_t n_rows, int64_t n_terms, const float * m, size_t m_stride,
                         int64_t n_columns);
    // Chooses scales and codes from the first column to the last; errors go on to the columns behind.
    void (*feed)(const feed_panel & panel);
    // One pass of coordinate descent over codes, scales and mins; the error never grows.
    void (*descend)(const feed_panel & panel);
};

extern const feed_kernels feed_kernels_any;
// null members where the compiler makes no such code
extern const feed_kernels feed_kernels_avx2;

// For this processor.
const feed_kernels & best_feed_kernels();

}
