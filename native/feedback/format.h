// The blocks that error feedback can write, all in one shape: groups of values scale * code - min, where scales and mins are
// whole multiples of one number each for the block (k-quants), or halves of their own (legacy blocks).
#pragma once

#include "../quantize_lanes.h"

#include "ggml.h"

#include <cstdint>

namespace ingot {

struct block_format {
    ggml_type type;
    int       n_block; // values in a block
    int       n_group; // values that share a scale
    int       code_min, code_max;
    bool      has_min;
    int       scale_min, scale_max; // of a group's scale; mins reach from 0 to scale_max
    bool      is_legacy;            // one group, whose scale and min are the block's
};

const int MAX_GROUPS = 16;
const int MAX_GROUP  = 32;
const int MAX_BLOCK  = 256;

// value = d * scale[group] * code - d_min * min[group]; d and d_min are halves, legacy blocks have 1 for scale and min
struct block_codes {
    float   d     = 0.0f;
    float   d_min = 0.0f;
    int16_t scale[MAX_GROUPS];
    int16_t min[MAX_GROUPS];
    int8_t  code[MAX_BLOCK];
};

// Null for types that have no such groups.
const block_format * find_format(ggml_type type);

// As ggml lays the block out.
void write_block(const block_format & format, const block_codes & block, const half_functions & half, uint8_t * target);

}
