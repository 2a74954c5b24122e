// Q4_K, Q5_K and Q6_K several parts of a block at a time: one in each lane of a vector, every lane with the float operations of
// ggml's scalar code in their order, so that the bytes are the same. Q5_0 and Q8_0, whose sums do not depend on an order, in vectors too. Only for x86-64, where ggml is compiled without fused
// operations, and only without importances; everything else is ggml's own.
#pragma once

#include "ggml.h"

#include <cstdint>

namespace ingot {

// ggml's conversions between halves and floats
struct half_functions {
    void (*to_half)(const float *, ggml_fp16_t *, int64_t);
    void (*to_float)(const ggml_fp16_t *, float *, int64_t);
};

// Quantizes `n` blocks (of 256 values, or 32). `undone[i]` becomes 1 for a block that must be left to ggml: where a scale is zero,
// the result depends on intermediate values that are not kept here.
typedef void (*lane_function)(const float * values, uint8_t * target, int64_t n, const half_functions & half, uint8_t * undone);

struct lane_table {
    lane_function q4_K;
    lane_function q5_K;
    lane_function q6_K;
    lane_function q5_0;
    lane_function q8_0;
};

// null members where the compiler has no vectors or the target is another processor
extern const lane_table lanes_avx2;

// For this processor and type, or null.
lane_function find_lanes(ggml_type type);

}
