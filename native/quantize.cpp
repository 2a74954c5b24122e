// see quantize.h
#include "quantize.h"

#include "api.h"
#include "quantize_lanes.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <vector>

namespace ingot {

namespace {

// what ggml_quantize_chunk has a case for: it aborts the process on any other
const ggml_type TARGETS[] = {
    GGML_TYPE_F32,    GGML_TYPE_F16,     GGML_TYPE_BF16,   GGML_TYPE_Q1_0,    GGML_TYPE_Q2_0,  GGML_TYPE_Q4_0,  GGML_TYPE_Q4_1,
    GGML_TYPE_Q5_0,   GGML_TYPE_Q5_1,    GGML_TYPE_Q8_0,   GGML_TYPE_MXFP4,   GGML_TYPE_NVFP4, GGML_TYPE_Q2_K,  GGML_TYPE_Q3_K,
    GGML_TYPE_Q4_K,   GGML_TYPE_Q5_K,    GGML_TYPE_Q6_K,   GGML_TYPE_TQ1_0,   GGML_TYPE_TQ2_0, GGML_TYPE_IQ1_S, GGML_TYPE_IQ1_M,
    GGML_TYPE_IQ2_XXS, GGML_TYPE_IQ2_XS, GGML_TYPE_IQ2_S,  GGML_TYPE_IQ3_XXS, GGML_TYPE_IQ3_S, GGML_TYPE_IQ4_NL, GGML_TYPE_IQ4_XS,
};

std::string lower(const std::string & text) {
    std::string out = text;
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return (char) std::tolower(c); });
    return out;
}

const char * name_of(float_type type) {
    return type == float_type::f32 ? "F32" : type == float_type::f16 ? "F16" : "BF16";
}

// `scratch` is aligned: a view into a JavaScript buffer may begin at an odd address
void to_float(const uint8_t * source, size_t n_bytes, ggml_type type, float * out, int64_t n, std::vector<uint16_t> & scratch) {
    if (type == GGML_TYPE_F32) {
        memcpy(out, source, n_bytes);
        return;
    }
    scratch.resize((n_bytes + 1) / 2);
    memcpy(scratch.data(), source, n_bytes);
    if (type == GGML_TYPE_F16) {
        api.ggml_fp16_to_fp32_row((const ggml_fp16_t *) scratch.data(), out, n);
    } else if (type == GGML_TYPE_BF16) {
        api.ggml_bf16_to_fp32_row((const ggml_bf16_t *) scratch.data(), out, n);
    } else {
        api.ggml_get_type_traits(type)->to_float(scratch.data(), out, n);
    }
}

void round_via(float_type via, float * values, int64_t n, std::vector<uint16_t> & scratch) {
    if (via == float_type::f32) {
        return;
    }
    scratch.resize(n);
    if (via == float_type::f16) {
        api.ggml_fp32_to_fp16_row(values, (ggml_fp16_t *) scratch.data(), n);
        api.ggml_fp16_to_fp32_row((const ggml_fp16_t *) scratch.data(), values, n);
    } else {
        // _ref: the other one uses instructions that flush subnormal numbers where the processor has them
        api.ggml_fp32_to_bf16_row_ref(values, (ggml_bf16_t *) scratch.data(), n);
        api.ggml_bf16_to_fp32_row((const ggml_bf16_t *) scratch.data(), values, n);
    }
}

// without a branch for each value
bool all_finite(const float * values, int64_t n) {
    uint32_t found = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, 4);
        found |= (bits & 0x7f800000) == 0x7f800000;
    }
    return found == 0;
}

// `scratch` is used again for the next rows
void read_rows(const quantize_job & job, int64_t row, int64_t n_rows, float * values, std::vector<uint16_t> & scratch) {
    const size_t  n_source_bytes = (size_t) row_bytes(job.source_type, job.n_per_row);
    const int64_t n              = n_rows * job.n_per_row;
    to_float(job.source + row * n_source_bytes, n_rows * n_source_bytes, job.source_type, values, n, scratch);
    round_via(job.via, values, n, scratch);
    if (!all_finite(values, n)) {
        const int64_t i = std::find_if(values, values + n, [](float v) { return !std::isfinite(v); }) - values;
        throw not_finite_error("The value at row " + std::to_string(row + i / job.n_per_row) + ", column " + std::to_string(i % job.n_per_row) + " is " +
                               (std::isnan(values[i]) ? "not a number" : "infinite") + " as " + name_of(job.via));
    }
}

void to_blocks(const quantize_job & job, const float * values, uint8_t * target, int64_t n_rows, std::vector<uint8_t> & undone) {
    const lane_function lanes = job.plain || job.imatrix ? nullptr : find_lanes(job.type);
    if (!lanes) {
        // makes ggml's tables for IQ types on first use, with a lock (seconds for IQ1_S)
        api.ggml_quantize_chunk(job.type, values, target, 0, n_rows, job.n_per_row, job.imatrix);
        return;
    }
    // rows are whole blocks, and blocks know nothing of each other
    const int64_t n_values = api.ggml_blck_size(job.type);
    const int64_t n_bytes  = (int64_t) api.ggml_row_size(job.type, n_values);
    const int64_t n_blocks = n_rows * job.n_per_row / n_values;
    undone.resize(n_blocks);
    lanes(values, target, n_blocks, {api.ggml_fp32_to_fp16_row, api.ggml_fp16_to_fp32_row}, undone.data());
    for (int64_t i = 0; i < n_blocks; i++) {
        if (undone[i]) {
            api.ggml_quantize_chunk(job.type, values + i * n_values, target + i * n_bytes, 0, 1, n_values, nullptr);
        }
    }
}

}

ggml_type parse_type(const std::string & name) {
    for (ggml_type type : TARGETS) {
        if (lower(api.ggml_type_name(type)) == lower(name)) {
            return type;
        }
    }
    throw std::invalid_argument("Unknown type " + name);
}

ggml_type parse_source_type(const std::string & name) {
    const ggml_type type = parse_type(name);
    if (type != GGML_TYPE_F32 && !api.ggml_get_type_traits(type)->to_float) {
        throw std::invalid_argument("Rows of " + name + " cannot be turned into floats");
    }
    return type;
}

int64_t row_bytes(ggml_type type, int64_t n_per_row) {
    const int64_t n_block = api.ggml_blck_size(type);
    if (n_per_row <= 0 || n_per_row % n_block != 0) {
        throw std::invalid_argument("Rows of " + std::to_string(n_per_row) + " values cannot be " + api.ggml_type_name(type) + ", which takes blocks of " +
                                    std::to_string(n_block));
    }
    return (int64_t) api.ggml_row_size(type, n_per_row);
}

void check_quantize(const quantize_job & job) {
    // llama-quantize refuses some more types by tensor name; that policy is the caller's
    if (api.ggml_quantize_requires_imatrix(job.type) && !job.imatrix) {
        throw std::invalid_argument(std::string(api.ggml_type_name(job.type)) + " needs an importance matrix");
    }
    for (int64_t i = 0; job.imatrix && i < job.n_per_row; i++) {
        if (!std::isfinite(job.imatrix[i]) || job.imatrix[i] < 0.0f) {
            throw std::invalid_argument("The importance of column " + std::to_string(i) + " is not a number of at least 0");
        }
    }
}

void rows_to_floats(const quantize_job & job, int64_t row, int64_t n_rows, float * out) {
    std::vector<uint16_t> scratch;
    read_rows(job, row, n_rows, out, scratch);
}

void quantize_rows(const quantize_job & job) {
    const int64_t n_row_bytes  = row_bytes(job.type, job.n_per_row);
    const int64_t n_chunk_rows = std::max<int64_t>(1, 65536 / job.n_per_row); // keeps the floats in the cache
    std::vector<float>    values;
    std::vector<uint16_t> scratch;
    std::vector<uint8_t>  undone;
    // by way of floats even the same type could change: a block has more than one scale that gives its values
    if (job.source_type == job.type && api.ggml_blck_size(job.type) > 1) {
        memcpy(job.target, job.source, job.n_rows * n_row_bytes);
        if (!api.ggml_validate_row_data(job.type, job.target, job.n_rows * n_row_bytes)) {
            throw not_finite_error("The rows are not finite");
        }
        return;
    }

    for (int64_t row = 0; row < job.n_rows && !*job.stopping; row += n_chunk_rows) {
        const int64_t n_rows = std::min(n_chunk_rows, job.n_rows - row);
        uint8_t *     target = job.target + row * n_row_bytes;
        values.resize(n_rows * job.n_per_row);
        read_rows(job, row, n_rows, values.data(), scratch);
        to_blocks(job, values.data(), target, n_rows, undone);
        if (!api.ggml_validate_row_data(job.type, target, n_rows * n_row_bytes)) {
            throw not_finite_error("Rows " + std::to_string(row) + " to " + std::to_string(row + n_rows - 1) + " are not finite as " + api.ggml_type_name(job.type));
        }
    }
}

}
