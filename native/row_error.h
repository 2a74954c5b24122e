// What rows lose as each of several ggml types: the squared error of quantizing and reading back, weighted by importances.
// Pure computation on the calling thread; memory is bounded by a chunk of rows.
#pragma once

#include "quantize.h"

#include <vector>

namespace ingot {

struct row_error_job {
    std::vector<ggml_type>    types;
    const uint8_t *           source;
    ggml_type                 source_type;
    int64_t                   n_rows;
    int64_t                   n_per_row;
    float_type                via;
    const float *             imatrix; // n_per_row values or null: every column counts 1
    const std::atomic<bool> * stopping;
};

// Throws std::invalid_argument as check_quantize and row_bytes do.
void check_row_error(const row_error_job & job);

// The weighted sum of squares of the values themselves, then the weighted squared error of each type. Any thread. Throws not_finite_error.
std::vector<double> row_error(const row_error_job & job);

}
