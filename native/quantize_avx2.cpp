// The code of quantize_lanes.h for processors with AVX2; only this file is compiled for them. No functions of the standard library:
// of an inline one the linker could keep the copy that not every processor can run.
// The search for scales, the roundings and the packing are those of ggml-quants.c of llama.cpp v0.5.0 (quantize_row_q*_K_ref).
#include "quantize_lanes.h"

#if defined(__AVX2__)

#include <immintrin.h>

namespace ingot {

namespace {

constexpr int N_LANES = 8; // as wide as the registers: what is wider is taken apart badly
constexpr int N_SUPER = 256; // values of a k-quant's block

typedef float   floats __attribute__((vector_size(4 * N_LANES)));
typedef int32_t ints __attribute__((vector_size(4 * N_LANES)));

// to the nearest whole number, ties to even, for |v| < 2^22: adding 1.5 * 2^23 leaves it in the low bits
inline ints nearest(floats v) {
    return ((ints) (v + 12582912.f) & 0x007fffff) - 0x00400000;
}

inline int nearest(float v) {
    const float shifted = v + 12582912.f;
    int32_t     bits;
    __builtin_memcpy(&bits, &shifted, 4);
    return (bits & 0x007fffff) - 0x00400000;
}

// as `a > b ? a : b`, which the compiler takes apart
inline floats larger(floats a, floats b) { return (floats) _mm256_max_ps((__m256) a, (__m256) b); }
inline floats smaller(floats a, floats b) { return (floats) _mm256_min_ps((__m256) a, (__m256) b); }
inline ints larger(ints a, ints b) { return (ints) _mm256_max_epi32((__m256i) a, (__m256i) b); }
inline ints smaller(ints a, ints b) { return (ints) _mm256_min_epi32((__m256i) a, (__m256i) b); }
inline floats square_root(floats v) { return (floats) _mm256_sqrt_ps((__m256) v); }

inline ints clamp(ints v, int low, int high) {
    const ints zero = {};
    return smaller(larger(v, zero + low), zero + high);
}

constexpr float MOST_ROUNDED = 4e6f;

// The nearest whole number between `LOW` and `HIGH`, as a float; the same as clamp(nearest(v)) for |v| < MOST_ROUNDED.
template <int LOW, int HIGH> inline floats level_of(floats v) {
    constexpr float shift = 12582912.f;
    const floats    zero  = {};
    return smaller(larger(v + shift, zero + (shift + LOW)), zero + (shift + HIGH)) - shift;
}

inline floats absolute(floats v) {
    return (floats) ((ints) v & 0x7fffffff);
}

// value l of lane i from block i
template <int N> inline void transpose(const float * values, floats * out) {
    for (int l = 0; l < N; l++) {
        floats v;
        for (int i = 0; i < N_LANES; i++) {
            v[i] = values[i * N + l];
        }
        out[l] = v;
    }
}

// Scale and (negated) minimum of 32 values in each lane: of the candidates the one with the least weighted error. `unsure` is
// not 0 where ggml would round numbers that are too large for it.
template <int MOST, int N_STEPS> inline void find_scale_and_min(const floats * x, float first_step, floats & scale_out, floats & min_out,
                               ints & unsure) {
    constexpr int N = 32;
    floats        squares = x[0] * x[0];
    for (int l = 1; l < N; l++) {
        squares += x[l] * x[l];
    }
    const floats average = square_root(squares / 32.f);
    floats       weight[N];
    for (int l = 0; l < N; l++) {
        weight[l] = average + absolute(x[l]);
    }
    floats min   = x[0];
    floats max   = x[0];
    floats sum_w = weight[0];
    floats sum_x = sum_w * x[0];
    for (int l = 1; l < N; l++) {
        min = smaller(x[l], min);
        max = larger(x[l], max);
        sum_w += weight[l];
        sum_x += weight[l] * x[l];
    }
    const floats zero     = {};
    const floats least    = min;
    min                   = min > 0.f ? zero : min;
    const ints   is_flat  = max == min;
    const floats flat_min = min;
    ints         is_sure  = zero == zero;

    floats scale      = 1.f / ((float) MOST / (max - min));
    floats best_error = zero;
    {
        const floats inverse = (float) MOST / (max - min);
        is_sure &= (absolute(inverse * (least - min)) < MOST_ROUNDED) & (absolute(inverse * (max - min)) < MOST_ROUNDED);
        for (int l = 0; l < N; l++) {
            const floats level = level_of<0, MOST>(inverse * (x[l] - min));
            const floats diff  = scale * level + min - x[l];
            best_error += weight[l] * (diff * diff);
        }
    }
    for (int step = 0; step <= N_STEPS; step++) {
        const float  most    = first_step + 0.1f * (float) step + (float) MOST;
        const floats inverse = most / (max - min);
        // of the values of a lane these two give the outermost
        is_sure &= (absolute(inverse * (least - min)) < MOST_ROUNDED) & (absolute(inverse * (max - min)) < MOST_ROUNDED);
        floats       levels[N];
        floats       sum_l  = zero;
        floats       sum_l2 = zero;
        floats       sum_xl = zero;
        for (int l = 0; l < N; l++) {
            const floats level = level_of<0, MOST>(inverse * (x[l] - min));
            const floats wl    = weight[l] * level;
            levels[l]          = level;
            sum_l += wl;
            sum_l2 += wl * level;
            sum_xl += wl * x[l];
        }
        const floats determinant = sum_w * sum_l2 - sum_l * sum_l;
        floats       this_scale  = (sum_w * sum_xl - sum_x * sum_l) / determinant;
        floats       this_min    = (sum_l2 * sum_x - sum_l * sum_xl) / determinant;
        const ints   is_positive = this_min > 0.f;
        this_scale               = is_positive ? sum_xl / sum_l2 : this_scale;
        this_min                 = is_positive ? zero : this_min;
        floats error             = zero;
        for (int l = 0; l < N; l++) {
            const floats diff = this_scale * levels[l] + this_min - x[l];
            error += weight[l] * (diff * diff);
        }
        const ints is_better = (determinant > 0.f) & (error < best_error);
        best_error           = is_better ? error : best_error;
        scale                = is_better ? this_scale : scale;
        min                  = is_better ? this_min : min;
    }
    scale_out = is_flat ? zero : scale;
    min_out   = -(is_flat ? flat_min : min);
    unsure    = ~(is_sure | is_flat);
}

struct block_q4 {
    ggml_fp16_t d;
    ggml_fp16_t dmin;
    uint8_t     scales[12];
    uint8_t     qs[128];
};
struct block_q5 {
    ggml_fp16_t d;
    ggml_fp16_t dmin;
    uint8_t     scales[12];
    uint8_t     qh[32];
    uint8_t     qs[128];
};
struct block_q6 {
    uint8_t     ql[128];
    uint8_t     qh[64];
    int8_t      scales[16];
    ggml_fp16_t d;
};
static_assert(sizeof(block_q4) == 144 && sizeof(block_q5) == 176 && sizeof(block_q6) == 210, "ggml's block layouts");

// Eight scales and minima of 6 bits each in 12 bytes; then the levels by the scales as they are stored. False: left to ggml.
template <int MOST, typename B>
inline bool finish_with_min(const float * x, const float * scales, const float * mins, const half_functions & half, B & block, uint8_t * levels) {
    float most[2] = {0, 0};
    for (int j = 0; j < 8; j++) {
        most[0] = scales[j] > most[0] ? scales[j] : most[0];
        most[1] = mins[j] > most[1] ? mins[j] : most[1];
    }
    const float inverse[2] = {most[0] > 0 ? 63.f / most[0] : 0.f, most[1] > 0 ? 63.f / most[1] : 0.f};
    uint8_t     scale[8];
    uint8_t     min[8];
    for (int j = 0; j < 8; j++) {
        const uint8_t s = (uint8_t) nearest(inverse[0] * scales[j]);
        const uint8_t m = (uint8_t) nearest(inverse[1] * mins[j]);
        scale[j]        = s > 63 ? 63 : s;
        min[j]          = m > 63 ? 63 : m;
    }
    for (int j = 0; j < 4; j++) {
        block.scales[j]     = scale[j] | (uint8_t) ((scale[j + 4] >> 4) << 6);
        block.scales[j + 4] = min[j] | (uint8_t) ((min[j + 4] >> 4) << 6);
        block.scales[j + 8] = (scale[j + 4] & 0xF) | (uint8_t) ((min[j + 4] & 0xF) << 4);
    }
    const float tops[2] = {most[0] / 63.f, most[1] / 63.f};
    ggml_fp16_t halves[2];
    float       stored[2];
    half.to_half(tops, halves, 2);
    half.to_float(halves, stored, 2);
    block.d    = halves[0];
    block.dmin = halves[1];
    for (int j = 0; j < 8; j++) {
        const float d = stored[0] * scale[j];
        if (!d) {
            return false;
        }
        const float dm = stored[1] * min[j];
        for (int l = 0; l < 32; l += N_LANES) {
            floats v;
            __builtin_memcpy(&v, x + 32 * j + l, sizeof(v));
            const ints level = clamp(nearest((v + dm) / d), 0, MOST);
            for (int i = 0; i < N_LANES; i++) {
                levels[32 * j + l + i] = (uint8_t) level[i];
            }
        }
    }
    return true;
}

inline void pack(const uint8_t * levels, block_q4 & block) {
    for (int j = 0; j < 4; j++) {
        for (int l = 0; l < 32; l++) {
            block.qs[32 * j + l] = levels[64 * j + l] | (uint8_t) (levels[64 * j + 32 + l] << 4);
        }
    }
}

inline void pack(const uint8_t * levels, block_q5 & block) {
    for (int l = 0; l < 32; l++) {
        uint8_t high = 0;
        for (int j = 0; j < 8; j++) {
            high |= (uint8_t) ((levels[32 * j + l] >> 4) << j);
        }
        block.qh[l] = high;
    }
    for (int j = 0; j < 4; j++) {
        for (int l = 0; l < 32; l++) {
            block.qs[32 * j + l] = (levels[64 * j + l] & 0xF) | (uint8_t) ((levels[64 * j + 32 + l] & 0xF) << 4);
        }
    }
}

template <typename B, int MOST, int N_STEPS>
inline void quantize_with_min(const float * values, uint8_t * target, int64_t n, const half_functions & half, uint8_t * undone, float first_step) {
    for (int64_t i = 0; i < n; i++) {
        // each lane takes one of the 8 parts of the block
        const float * x = values + i * N_SUPER;
        floats        lanes[32];
        floats        scale;
        floats        min;
        ints          unsure;
        transpose<32>(x, lanes);
        find_scale_and_min<MOST, N_STEPS>(lanes, first_step, scale, min, unsure);
        bool is_done = true;
        for (int j = 0; j < N_LANES; j++) {
            is_done &= unsure[j] == 0;
        }
        float scales[N_LANES];
        float mins[N_LANES];
        __builtin_memcpy(scales, &scale, sizeof(scales));
        __builtin_memcpy(mins, &min, sizeof(mins));
        uint8_t levels[N_SUPER];
        B       block;
        is_done   = is_done && finish_with_min<MOST>(x, scales, mins, half, block, levels);
        undone[i] = !is_done;
        if (is_done) {
            pack(levels, block);
            __builtin_memcpy(target + i * sizeof(B), &block, sizeof(B));
        }
    }
}

// Scale of 16 values in each lane, for levels from -32 to 31, weighted by the squares.
inline floats find_scale(const floats * x) {
    constexpr int N    = 16;
    const floats  zero = {};
    floats        max  = zero;
    floats        top  = zero;
    for (int l = 0; l < N; l++) {
        const floats a         = absolute(x[l]);
        const ints   is_larger = a > top;
        top                    = is_larger ? a : top;
        max                    = is_larger ? x[l] : max;
    }
    const ints is_zero = top < 1e-15f;
    floats     weight[N];
    for (int l = 0; l < N; l++) {
        weight[l] = x[l] * x[l];
    }
    floats scale = zero;
    floats best  = zero;
    // the first candidate is taken as it is, the others when they are better
    for (int step = 0; step < 19; step++) {
        const int    is      = step == 0 ? 0 : step <= 9 ? step - 10 : step - 9;
        const floats inverse = step == 0 ? -32.f / max : -(32.f + 0.1f * (float) is) / max;
        floats       sum_xl  = zero;
        floats       sum_l2  = zero;
        for (int l = 0; l < N; l++) {
            // at most 33 before: `max` is the largest
            const floats level = level_of<-32, 31>(inverse * x[l]);
            sum_xl += weight[l] * x[l] * level;
            sum_l2 += weight[l] * level * level;
        }
        const floats ratio = sum_xl / sum_l2;
        if (step == 0) {
            scale = sum_l2 != 0.f ? ratio : zero;
            best  = scale * sum_xl;
        } else {
            const ints is_better = (sum_l2 > 0.f) & (sum_xl * sum_xl > best * sum_l2);
            scale                = is_better ? ratio : scale;
            best                 = is_better ? ratio * sum_xl : best;
        }
    }
    return is_zero ? zero : scale;
}

inline bool finish_q6(const float * x, const float * scales, const half_functions & half, block_q6 & block) {
    float max = 0;
    float top = 0;
    for (int j = 0; j < 16; j++) {
        const float a = __builtin_fabsf(scales[j]);
        if (a > top) {
            top = a;
            max = scales[j];
        }
    }
    if (top < 1e-15f) {
        return false;
    }
    const float inverse = -128.f / max;
    const float whole   = 1 / inverse;
    float       stored;
    ggml_fp16_t d_half;
    half.to_half(&whole, &d_half, 1);
    half.to_float(&d_half, &stored, 1);
    block.d = d_half;
    uint8_t levels[N_SUPER];
    for (int j = 0; j < 16; j++) {
        const int s     = nearest(inverse * scales[j]);
        block.scales[j] = (int8_t) (s > 127 ? 127 : s);
        const float d   = stored * block.scales[j];
        if (!d) {
            return false;
        }
        for (int l = 0; l < 16; l += N_LANES) {
            floats v;
            __builtin_memcpy(&v, x + 16 * j + l, sizeof(v));
            const ints level = clamp(nearest(v / d), -32, 31) + 32;
            for (int i = 0; i < N_LANES; i++) {
                levels[16 * j + l + i] = (uint8_t) level[i];
            }
        }
    }
    for (int j = 0; j < 2; j++) {
        const uint8_t * from = levels + 128 * j;
        for (int l = 0; l < 32; l++) {
            block.ql[64 * j + l]      = (from[l] & 0xF) | (uint8_t) ((from[l + 64] & 0xF) << 4);
            block.ql[64 * j + 32 + l] = (from[l + 32] & 0xF) | (uint8_t) ((from[l + 96] & 0xF) << 4);
            block.qh[32 * j + l]      = (uint8_t) ((from[l] >> 4) | ((from[l + 32] >> 4) << 2) | ((from[l + 64] >> 4) << 4) | ((from[l + 96] >> 4) << 6));
        }
    }
    return true;
}

void quantize_q4(const float * values, uint8_t * target, int64_t n, const half_functions & half, uint8_t * undone) {
    quantize_with_min<block_q4, 15, 20>(values, target, n, half, undone, -1.f);
}

void quantize_q5(const float * values, uint8_t * target, int64_t n, const half_functions & half, uint8_t * undone) {
    quantize_with_min<block_q5, 31, 15>(values, target, n, half, undone, -0.5f);
}

void quantize_q6(const float * values, uint8_t * target, int64_t n, const half_functions & half, uint8_t * undone) {
    for (int64_t block = 0; block < n; block++) {
        const float * x = values + block * N_SUPER;
        float         scales[16];
        for (int i = 0; i < 16; i += N_LANES) {
            floats lanes[16];
            transpose<16>(x + 16 * i, lanes);
            const floats scale = find_scale(lanes);
            __builtin_memcpy(scales + i, &scale, sizeof(scale));
        }
        block_q6 out;
        undone[block] = !finish_q6(x, scales, half, out);
        if (!undone[block]) {
            __builtin_memcpy(target + block * sizeof(out), &out, sizeof(out));
        }
    }
}

constexpr int N_SMALL  = 32; // values of a block of Q5_0 and Q8_0
constexpr int N_HALVES = 64; // scales that are turned into halves at a time

// below it ggml's reciprocal of the scale is no number, or a poor one
constexpr float LEAST_TOP = 1e-30f;

inline float top_of(const floats * x) {
    const floats a = larger(larger(absolute(x[0]), absolute(x[1])), larger(absolute(x[2]), absolute(x[3])));
    float        top = 0;
    for (int i = 0; i < N_LANES; i++) {
        top = a[i] > top ? a[i] : top;
    }
    return top;
}

// four vectors of numbers that fit a byte, in order
inline __m256i to_bytes(const __m256i * v) {
    const __m256i both = _mm256_packs_epi16(_mm256_packs_epi32(v[0], v[1]), _mm256_packs_epi32(v[2], v[3]));
    return _mm256_permutevar8x32_epi32(both, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

// as roundf: halves away from zero
inline __m256i round_away(floats v) {
    const floats whole = (floats) _mm256_round_ps((__m256) v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
    const floats one   = (floats) (((ints) v & (int32_t) 0x80000000) | 0x3f800000);
    const floats zero  = {};
    return _mm256_cvttps_epi32((__m256) (whole + (absolute(v - whole) >= 0.5f ? one : zero)));
}

struct block_q5_0 {
    ggml_fp16_t d;
    uint8_t     qh[4];
    uint8_t     qs[16];
};
struct block_q8_0 {
    ggml_fp16_t d;
    int8_t      qs[32];
};
static_assert(sizeof(block_q5_0) == 22 && sizeof(block_q8_0) == 34, "ggml's block layouts");

inline float quantize_small(const floats * x, float top, block_q8_0 & block) {
    const float d       = top / 127;
    const float inverse = d ? 1.0f / d : 0.0f;
    __m256i     levels[4];
    for (int i = 0; i < 4; i++) {
        levels[i] = round_away(x[i] * inverse);
    }
    const __m256i bytes = to_bytes(levels);
    __builtin_memcpy(block.qs, &bytes, sizeof(bytes));
    return d;
}

inline float quantize_small(const floats * x, float top, block_q5_0 & block) {
    // the first value of the largest magnitude, with its sign
    uint32_t is_top = 0;
    for (int i = 0; i < 4; i++) {
        is_top |= (uint32_t) _mm256_movemask_ps((__m256) (absolute(x[i]) == top)) << (N_LANES * i);
    }
    const int   first   = __builtin_ctz(is_top);
    const float max     = top == 0 ? 0.0f : x[first / N_LANES][first % N_LANES];
    const float d       = max / -16;
    const float inverse = d ? 1.0f / d : 0.0f;
    const ints  zero    = {};
    __m256i     levels[4];
    for (int i = 0; i < 4; i++) {
        const __m256i level = _mm256_cvttps_epi32((__m256) (x[i] * inverse + 16.5f));
        levels[i]           = (__m256i) smaller((ints) level, zero + 31);
    }
    const __m256i bytes = to_bytes(levels);
    const int     high  = _mm256_movemask_epi8(_mm256_slli_epi16(bytes, 3));
    __builtin_memcpy(block.qh, &high, sizeof(high));
    const __m256i low    = _mm256_and_si256(bytes, _mm256_set1_epi8(0xF));
    const __m128i packed = _mm_or_si128(_mm256_castsi256_si128(low), _mm_slli_epi16(_mm256_extracti128_si256(low, 1), 4));
    __builtin_memcpy(block.qs, &packed, sizeof(packed));
    return d;
}

template <typename B> void quantize_small_blocks(const float * values, uint8_t * target, int64_t n, const half_functions & half, uint8_t * undone) {
    for (int64_t start = 0; start < n; start += N_HALVES) {
        const int   n_here = n - start < N_HALVES ? (int) (n - start) : N_HALVES;
        float       scales[N_HALVES];
        ggml_fp16_t halves[N_HALVES];
        B           blocks[N_HALVES];
        for (int i = 0; i < n_here; i++) {
            floats x[4];
            __builtin_memcpy(x, values + (start + i) * N_SMALL, sizeof(x));
            const float top   = top_of(x);
            undone[start + i] = top != 0 && top < LEAST_TOP;
            scales[i]         = quantize_small(x, top, blocks[i]);
        }
        half.to_half(scales, halves, n_here);
        for (int i = 0; i < n_here; i++) {
            blocks[i].d = halves[i];
        }
        __builtin_memcpy(target + start * sizeof(B), blocks, n_here * sizeof(B));
    }
}

}

const lane_table lanes_avx2 = {quantize_q4, quantize_q5, quantize_q6, quantize_small_blocks<block_q5_0>, quantize_small_blocks<block_q8_0>};

}

#else

const ingot::lane_table ingot::lanes_avx2 = {};

#endif
