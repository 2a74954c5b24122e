// see format.h; layouts: ggml-common.h of llama.cpp v0.5.0
#include "format.h"

#include "../api.h"

#include <cstring>

namespace ingot {

namespace {

const block_format FORMATS[] = {
    { GGML_TYPE_Q2_K, 256, 16, 0, 3, true, 0, 15, false },
    { GGML_TYPE_Q3_K, 256, 16, -4, 3, false, -32, 31, false },
    { GGML_TYPE_Q4_K, 256, 32, 0, 15, true, 0, 63, false },
    { GGML_TYPE_Q5_K, 256, 32, 0, 31, true, 0, 63, false },
    { GGML_TYPE_Q6_K, 256, 16, -32, 31, false, -128, 127, false },
    { GGML_TYPE_Q4_0, 32, 32, -8, 7, false, 1, 1, true },
    { GGML_TYPE_Q4_1, 32, 32, 0, 15, true, 1, 1, true },
    { GGML_TYPE_Q5_0, 32, 32, -16, 15, false, 1, 1, true },
    { GGML_TYPE_Q5_1, 32, 32, 0, 31, true, 1, 1, true },
    { GGML_TYPE_Q8_0, 32, 32, -127, 127, false, 1, 1, true },
};

void put_half(float value, const half_functions & half, uint8_t * target) {
    ggml_fp16_t bits;
    half.to_half(&value, &bits, 1);
    memcpy(target, &bits, sizeof bits);
}

// 16 groups: 4 bits of scale and 4 of min, then codes of 2 bits, 32 apart
void write_q2_K(const block_codes & b, const half_functions & half, uint8_t * target) {
    for (int g = 0; g < 16; g++) {
        target[g] = (uint8_t) (b.scale[g] | b.min[g] << 4);
    }
    for (int i = 0; i < 256; i++) {
        target[16 + i / 128 * 32 + i % 32] |= (uint8_t) (b.code[i] << i % 128 / 32 * 2);
    }
    put_half(b.d, half, target + 80);
    put_half(b.d_min, half, target + 82);
}

// codes -4..3 as a high bit and 2 low ones; scales of 6 bits in 12 bytes
void write_q3_K(const block_codes & b, const half_functions & half, uint8_t * target) {
    uint8_t * high   = target;
    uint8_t * low    = target + 32;
    uint8_t * scales = target + 96;
    for (int i = 0; i < 256; i++) {
        const int code = b.code[i] + 4;
        high[i % 32] |= (uint8_t) (code / 4 << i / 32);
        low[i / 128 * 32 + i % 32] |= (uint8_t) (code % 4 << i % 128 / 32 * 2);
    }
    for (int g = 0; g < 16; g++) {
        const int scale = b.scale[g] + 32;
        scales[g % 8] |= (uint8_t) (scale % 16 << g / 8 * 4);
        scales[8 + g % 4] |= (uint8_t) (scale / 16 << g / 4 * 2);
    }
    put_half(b.d, half, target + 108);
}

// 8 groups: scales and mins of 6 bits in 12 bytes
void write_q45_K(const block_codes & b, bool has_fifth_bit, const half_functions & half, uint8_t * target) {
    put_half(b.d, half, target);
    put_half(b.d_min, half, target + 2);
    uint8_t * scales = target + 4;
    for (int g = 0; g < 4; g++) {
        scales[g]     = (uint8_t) (b.scale[g] | b.scale[g + 4] / 16 << 6);
        scales[g + 4] = (uint8_t) (b.min[g] | b.min[g + 4] / 16 << 6);
        scales[g + 8] = (uint8_t) (b.scale[g + 4] % 16 | b.min[g + 4] % 16 << 4);
    }
    uint8_t * high = target + 16;
    uint8_t * low  = target + (has_fifth_bit ? 48 : 16);
    for (int i = 0; i < 256; i++) {
        low[i / 64 * 32 + i % 32] |= (uint8_t) (b.code[i] % 16 << i % 64 / 32 * 4);
        if (has_fifth_bit) {
            high[i % 32] |= (uint8_t) (b.code[i] / 16 << i / 32);
        }
    }
}

void write_q6_K(const block_codes & b, const half_functions & half, uint8_t * target) {
    uint8_t * low  = target;
    uint8_t * high = target + 128;
    for (int i = 0; i < 256; i++) {
        const int code = b.code[i] + 32;
        low[i / 128 * 64 + i % 64] |= (uint8_t) (code % 16 << i % 128 / 64 * 4);
        high[i / 128 * 32 + i % 32] |= (uint8_t) (code / 16 << i % 128 / 32 * 2);
    }
    for (int g = 0; g < 16; g++) {
        target[192 + g] = (uint8_t) (int8_t) b.scale[g];
    }
    put_half(b.d, half, target + 208);
}

// 4 or 5 bits, counted from the lowest code; with a min as a second half behind the scale
void write_legacy(const block_format & f, const block_codes & b, const half_functions & half, uint8_t * target) {
    put_half(b.d, half, target);
    uint8_t * at = target + 2;
    if (f.has_min) {
        put_half(-b.d_min, half, at);
        at += 2;
    }
    if (f.type == GGML_TYPE_Q8_0) {
        memcpy(at, b.code, 32);
        return;
    }
    const bool has_fifth_bit = f.code_max - f.code_min > 15;
    uint8_t *  low           = at + (has_fifth_bit ? 4 : 0);
    for (int i = 0; i < 32; i++) {
        const int code = b.code[i] - f.code_min;
        low[i % 16] |= (uint8_t) (code % 16 << i / 16 * 4);
        if (has_fifth_bit) {
            at[i / 8] |= (uint8_t) (code / 16 << i % 8);
        }
    }
}

}

const block_format * find_format(ggml_type type) {
    for (const block_format & format : FORMATS) {
        if (format.type == type) {
            return &format;
        }
    }
    return nullptr;
}

void write_block(const block_format & format, const block_codes & block, const half_functions & half, uint8_t * target) {
    memset(target, 0, api.ggml_row_size(format.type, format.n_block));
    switch (format.type) {
        case GGML_TYPE_Q2_K: return write_q2_K(block, half, target);
        case GGML_TYPE_Q3_K: return write_q3_K(block, half, target);
        case GGML_TYPE_Q4_K: return write_q45_K(block, false, half, target);
        case GGML_TYPE_Q5_K: return write_q45_K(block, true, half, target);
        case GGML_TYPE_Q6_K: return write_q6_K(block, half, target);
        default: return write_legacy(format, block, half, target);
    }
}

}
