// Rows of floats to rows of a ggml type, with the bytes that llama-quantize writes. Pure computation on the calling
// thread; splitting a tensor into calls, files and types are the caller's.
#pragma once

#include "ggml.h"

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace ingot {

enum class float_type { f32, f16, bf16 };

struct quantize_job {
    ggml_type       type;
    const uint8_t * source;
    ggml_type       source_type; // floats, or blocks of any type; the same as `type` is checked and copied
    int64_t         n_rows;
    int64_t         n_per_row;
    float_type      via; // rounding as if an intermediate file of that type had been written
    const float *   imatrix; // n_per_row values or null
    uint8_t *       target; // n_rows * row_bytes(type, n_per_row)
    bool            plain; // ggml's own code also where there is a faster one, for comparisons
    const std::atomic<bool> * stopping; // the process ends: the result does not matter any more
};

// a value that no file may hold; the message names its place
struct not_finite_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// By ggml's name, case ignored. Throws std::invalid_argument for names that nothing can be quantized to.
ggml_type parse_type(const std::string & name);

// The same for types that rows can come in. Throws std::invalid_argument.
ggml_type parse_source_type(const std::string & name);

// Throws std::invalid_argument when a row is not whole blocks.
int64_t row_bytes(ggml_type type, int64_t n_per_row);

// Throws std::invalid_argument when the job lacks importances that ggml would abort for, or they are no weights.
void check_quantize(const quantize_job & job);

// Some of the job's rows as floats, rounded as it says. Throws not_finite_error.
void rows_to_floats(const quantize_job & job, int64_t row, int64_t n_rows, float * out);

// Any thread. Throws not_finite_error; the target is then not to be used.
void quantize_rows(const quantize_job & job);

}
