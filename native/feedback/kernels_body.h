// see kernels.h; included by the files that compile it for one kind of processor each, under the name INGOT_FEED_KERNELS and
// with an add_tile for it. Plain loops, which compilers turn into vectors.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace ingot {

namespace {

// columns that are worked on before their errors go to all the others
const int64_t STEP = 256;
// y[r][j] += sum over k of c[r][k] * m[k][j], in tiles of TILE_ROWS * TILE_COLUMNS sums that stay in registers. What a tile
// reads of m is copied next to each other once for all rows.
void add_products(float * y, size_t y_stride, const float * c, size_t c_stride, int64_t n_rows, int64_t n_terms, const float * m, size_t m_stride,
                  int64_t n_columns) {
    const int64_t      n_tiled_rows    = n_rows / TILE_ROWS * TILE_ROWS;
    const int64_t      n_tiled_columns = n_columns / TILE_COLUMNS * TILE_COLUMNS;
    std::vector<float> packed(n_tiled_columns > 0 ? n_terms * TILE_COLUMNS : 0);
    for (int64_t j = 0; j < n_tiled_columns; j += TILE_COLUMNS) {
        for (int64_t k = 0; k < n_terms; k++) {
            memcpy(packed.data() + k * TILE_COLUMNS, m + k * m_stride + j, TILE_COLUMNS * sizeof(float));
        }
        for (int64_t r = 0; r < n_tiled_rows; r += TILE_ROWS) {
            add_tile(y + r * y_stride + j, y_stride, c + r * c_stride, c_stride, n_terms, packed.data());
        }
    }
    for (int64_t r = 0; r < n_rows; r++) {
        float *       out   = y + r * y_stride;
        const int64_t first = r < n_tiled_rows ? n_tiled_columns : 0;
        for (int64_t k = 0; k < n_terms && first < n_columns; k++) {
            const float   factor = c[r * c_stride + k];
            const float * row    = m + k * m_stride;
            for (int64_t j = first; j < n_columns; j++) {
                out[j] += factor * row[j];
            }
        }
    }
}

// a group's values are scale * code - min
struct line {
    float scale = 0.0f;
    float min   = 0.0f;
};

inline float code_of(const block_format & f, float value, line l, float inverse) {
    const float code = std::rint((value + l.min) * inverse);
    return std::min((float) f.code_max, std::max((float) f.code_min, code));
}

inline float inverse_of(line l) {
    return l.scale != 0.0f ? 1.0f / l.scale : 0.0f;
}

// Of a weighted sum of squares, for codes that some trial scale gives: the best line through (code, value).
struct line_sums {
    float w = 0.0f, x = 0.0f, xx = 0.0f, l = 0.0f, ll = 0.0f, xl = 0.0f;

    void add(float weight, float value, float code) {
        w += weight;
        x += weight * value;
        xx += weight * value * value;
        l += weight * code;
        ll += weight * code * code;
        xl += weight * code * value;
    }
    float error(line t) const { return xx + t.scale * t.scale * ll + t.min * t.min * w - 2 * t.scale * xl + 2 * t.min * x - 2 * t.scale * t.min * l; }
};

line fit_with_min(const block_format & f, const float * x, const float * w) {
    float low = f.is_legacy ? x[0] : 0.0f, high = x[0];
    for (int i = 0; i < f.n_group; i++) {
        low  = std::min(low, x[i]);
        high = std::max(high, x[i]);
    }
    line  best;
    float best_error = INFINITY;
    if (high <= low) {
        best.min = -low;
        return best;
    }
    for (int step = 0; step <= 40; step++) {
        const float inverse = ((float) f.code_max - 1.0f + 0.05f * step) / (high - low);
        line_sums   s;
        for (int i = 0; i < f.n_group; i++) {
            s.add(w[i], x[i], std::min((float) f.code_max, std::max(0.0f, std::rint(inverse * (x[i] - low)))));
        }
        const float determinant = s.w * s.ll - s.l * s.l;
        if (!(determinant > 0.0f)) {
            continue;
        }
        line t = { (s.w * s.xl - s.x * s.l) / determinant, (s.l * s.xl - s.ll * s.x) / determinant };
        if (!f.is_legacy && t.min < 0.0f) {
            t = { s.xl / s.ll, 0.0f };
        }
        const float error = s.error(t);
        if (t.scale > 0.0f && error < best_error) {
            best_error = error;
            best       = t;
        }
    }
    return best;
}

// The scale may be negative where codes reach further down than up.
float fit_scale(const float * x, const float * w, int n, int code_min, int code_max) {
    float largest = 0.0f;
    for (int i = 0; i < n; i++) {
        largest = std::fabs(x[i]) > std::fabs(largest) ? x[i] : largest;
    }
    if (largest == 0.0f) {
        return 0.0f;
    }
    const bool  is_even = code_min >= 0 || code_min == -code_max;
    const int   top     = code_min < 0 ? -code_min : code_max;
    const float wide    = top > 40 ? 0.3f : top > 8 ? 0.2f : 0.1f;
    float       best = 0.0f, best_gain = 0.0f;
    for (int sign = is_even ? 1 : -1; sign <= 1; sign += 2) {
        for (int step = -10; step <= 10; step++) {
            const float inverse = sign * (top + wide * step) / largest;
            float       ll = 0.0f, xl = 0.0f;
            for (int i = 0; i < n; i++) {
                const float code = std::min((float) code_max, std::max((float) code_min, std::rint(inverse * x[i])));
                ll += w[i] * code * code;
                xl += w[i] * code * x[i];
            }
            if (ll > 0.0f && xl * xl / ll > best_gain) {
                best_gain = xl * xl / ll;
                best      = xl / ll;
            }
        }
    }
    return best;
}

line fit_group(const block_format & f, const float * x, const float * w) {
    return f.has_min ? fit_with_min(f, x, w) : line{ fit_scale(x, w, f.n_group, f.code_min, f.code_max), 0.0f };
}

float to_half(const half_functions & half, float value) {
    ggml_fp16_t bits;
    const float in = std::min(65504.0f, std::max(-65504.0f, value));
    float       out;
    half.to_half(&in, &bits, 1);
    half.to_float(&bits, &out, 1);
    return out;
}

int16_t multiple_of(float value, float unit, int low, int high) {
    return unit == 0.0f ? (int16_t) std::max(0, low) : (int16_t) std::min((float) high, std::max((float) low, std::rint(value / unit)));
}

line line_of(const block_codes & b, int g) {
    return { b.d * b.scale[g], b.d_min * b.min[g] };
}

void set_line(const block_format & f, block_codes & b, int g, line l) {
    b.scale[g] = multiple_of(l.scale, b.d, f.scale_min, f.scale_max);
    b.min[g]   = f.has_min ? multiple_of(l.min, b.d_min, 0, f.scale_max) : 0;
}

// The block's own numbers, from the values that it has to stand for now.
void choose_units(const feed_panel & p, const float * x, const float * costs, block_codes & b) {
    const block_format & f = p.format;
    if (f.is_legacy) {
        const line l = fit_group(f, x, costs);
        b.d          = to_half(p.half, l.scale);
        b.d_min      = f.has_min ? to_half(p.half, l.min) : 0.0f;
        b.scale[0] = b.min[0] = 1;
        return;
    }
    const int n_groups = f.n_block / f.n_group;
    float     scales[MAX_GROUPS], mins[MAX_GROUPS], sums[MAX_GROUPS];
    for (int g = 0; g < n_groups; g++) {
        const line l = fit_group(f, x + g * f.n_group, costs + g * f.n_group);
        scales[g]    = l.scale;
        mins[g]      = l.min;
        sums[g]      = 0.0f;
        for (int i = 0; i < f.n_group; i++) {
            sums[g] += costs[g * f.n_group + i];
        }
    }
    b.d     = to_half(p.half, fit_scale(scales, sums, n_groups, f.scale_min, f.scale_max));
    b.d_min = f.has_min ? to_half(p.half, fit_scale(mins, sums, n_groups, 0, f.scale_max)) : 0.0f;
}

// What would be left of a group with this line, its own errors going on inside of it.
float error_with(const feed_panel & p, const float * wanted, const float * x, int64_t column, line l, float best) {
    const block_format & f       = p.format;
    const float          inverse = inverse_of(l);
    float                now[MAX_GROUP];
    float                error = 0.0f;
    memcpy(now, x, f.n_group * sizeof(float));
    for (int i = 0; i < f.n_group && error < best; i++) {
        const float   value = l.scale * code_of(p.format, now[i], l, inverse) - l.min;
        const float   left  = now[i] - value;
        const float   lost  = wanted[i] - value;
        const float * share = p.feedback + (column + i) * p.n_columns + column;
        error += p.costs[column + i] * left * left;
        for (int k = i + 1; k < f.n_group; k++) {
            now[k] += lost * share[k];
        }
    }
    return error;
}

// Scale and min of a group among the neighbours of those that fit best.
void choose_line(const feed_panel & p, const float * wanted, const float * x, int64_t column, block_codes & b, int g) {
    const block_format & f = p.format;
    if (f.is_legacy) {
        return;
    }
    set_line(f, b, g, fit_group(f, x, p.costs + column));
    const int scale = b.scale[g], min = b.min[g], reach = f.has_min ? 2 : 0;
    float     best  = INFINITY;
    for (int s = std::max(f.scale_min, scale - 2); s <= std::min(f.scale_max, scale + 2); s++) {
        for (int m = std::max(0, min - reach); m <= std::min(f.scale_max, min + reach); m++) {
            const float error = error_with(p, wanted, x, column, { b.d * s, b.d_min * m }, best);
            if (error < best) {
                best       = error;
                b.scale[g] = (int16_t) s;
                b.min[g]   = (int16_t) m;
            }
        }
    }
}

// One row, columns begin .. end: `now` holds what each column has to stand for, `lost` gets the errors.
void feed_row(const feed_panel & p, int64_t row, int64_t begin, int64_t end, float * now, float * lost) {
    const block_format & f      = p.format;
    const float *        wanted = p.rows + row * p.n_columns;
    float *              values = p.values + row * p.n_columns;
    for (int64_t column = begin; column < end; column += f.n_group) {
        block_codes & b  = p.blocks[(row * p.n_columns + column) / f.n_block];
        const int     at = (int) (column % f.n_block);
        const int     g  = at / f.n_group;
        if (at == 0) {
            choose_units(p, now + column, p.costs + column, b);
        }
        choose_line(p, wanted + column, now + column, column, b, g);
        const line  l       = line_of(b, g);
        const float inverse = inverse_of(l);
        for (int i = 0; i < f.n_group; i++) {
            const int64_t j     = column + i;
            const float   code  = code_of(f, now[j], l, inverse);
            const float * share = p.feedback + j * p.n_columns;
            b.code[at + i]      = (int8_t) code;
            values[j]           = l.scale * code - l.min;
            const float error = lost[j] = wanted[j] - values[j];
            for (int64_t k = j + 1; k < end; k++) {
                now[k] += error * share[k];
            }
        }
    }
}

void feed(const feed_panel & p) {
    const int64_t      n = p.n_columns;
    std::vector<float> now(p.rows, p.rows + p.n_rows * n);
    std::vector<float> lost(p.n_rows * n);
    for (int64_t begin = 0; begin < n; begin += STEP) {
        const int64_t end = std::min(n, begin + STEP);
        for (int64_t row = 0; row < p.n_rows; row++) {
            feed_row(p, row, begin, end, now.data() + row * n, lost.data() + row * n);
        }
        add_products(now.data() + end, n, lost.data() + begin, n, p.n_rows, end - begin, p.feedback + begin * n + end, n, n - end);
    }
}

// One row of coordinate descent, over the columns begin .. end.
struct descent {
    const feed_panel & p;
    int64_t            begin, end;
    float *            values;
    float *            slope; // the row's error times the hessian
    float *            moved; // what values of these columns gave up

    void change(int64_t j, float value) {
        const float   by  = values[j] - value;
        const float * row = p.hessian + j * p.n_columns;
        values[j]         = value;
        moved[j - begin] += by;
        for (int64_t k = begin; k < end; k++) {
            slope[k] += by * row[k];
        }
    }

    void change_codes(block_codes & b, int64_t column, int at, line l) {
        const float inverse = inverse_of(l);
        for (int i = 0; i < p.format.n_group; i++) {
            const int64_t j    = column + i;
            const float   code = code_of(p.format, values[j] + slope[j] / p.hessian[j * p.n_columns + j], l, inverse);
            if (code != (float) b.code[at + i]) {
                b.code[at + i] = (int8_t) code;
                change(j, l.scale * code - l.min);
            }
        }
    }

    void change_line(block_codes & b, int64_t column, int at, line l) {
        const block_format & f = p.format;
        const int            g = at / f.n_group;
        // how the error's square grows with the scale (codes v) and the min (ones u)
        float vHv = 0.0f, uHu = 0.0f, vHu = 0.0f, sv = 0.0f, su = 0.0f;
        for (int i = 0; i < f.n_group; i++) {
            const float * row = p.hessian + (column + i) * p.n_columns + column;
            float         hv = 0.0f, hu = 0.0f;
            for (int k = 0; k < f.n_group; k++) {
                hv += row[k] * (float) b.code[at + k];
                hu += row[k];
            }
            vHv += (float) b.code[at + i] * hv;
            vHu += hv;
            uHu += hu;
            sv += (float) b.code[at + i] * slope[column + i];
            su += slope[column + i];
        }
        const auto growth = [&](line t) {
            const float a = t.scale - l.scale, m = t.min - l.min;
            return -2 * (a * sv - m * su) + a * a * vHv + m * m * uHu - 2 * a * m * vHu;
        };
        line  best        = l;
        float best_growth = -1e-9f * std::fabs(vHv * l.scale * l.scale);
        if (f.is_legacy) {
            const float determinant = vHv * uHu - vHu * vHu;
            if (!(f.has_min ? determinant > 1e-6f * vHv * uHu : vHv > 0.0f)) {
                return;
            }
            const float a = f.has_min ? (sv * uHu - su * vHu) / determinant : sv / vHv;
            const float m = f.has_min ? (sv * vHu - su * vHv) / determinant : 0.0f;
            const line  t = { to_half(p.half, l.scale + a), f.has_min ? to_half(p.half, l.min + m) : 0.0f };
            if (growth(t) < best_growth) {
                best    = t;
                b.d     = t.scale;
                b.d_min = t.min;
            }
        } else {
            const int scale = b.scale[g], min = b.min[g], reach = f.has_min ? 2 : 0;
            for (int s = std::max(f.scale_min, scale - 2); s <= std::min(f.scale_max, scale + 2); s++) {
                for (int m = std::max(0, min - reach); m <= std::min(f.scale_max, min + reach); m++) {
                    const line t = { b.d * s, b.d_min * m };
                    if (growth(t) < best_growth) {
                        best_growth = growth(t);
                        best        = t;
                        b.scale[g]  = (int16_t) s;
                        b.min[g]    = (int16_t) m;
                    }
                }
            }
        }
        if (best.scale == l.scale && best.min == l.min) {
            return;
        }
        for (int i = 0; i < f.n_group; i++) {
            change(column + i, best.scale * (float) b.code[at + i] - best.min);
        }
    }
};

void descend(const feed_panel & p) {
    const block_format & f = p.format;
    const int64_t        n = p.n_columns;
    std::vector<float>   error(p.n_rows * n);
    std::vector<float>   slope(p.n_rows * n);
    std::vector<float>   moved(p.n_rows * STEP);
    for (int64_t i = 0; i < p.n_rows * n; i++) {
        error[i] = p.rows[i] - p.values[i];
    }
    add_products(slope.data(), n, error.data(), n, p.n_rows, n, p.hessian, n, n);
    for (int64_t begin = 0; begin < n; begin += STEP) {
        const int64_t end = std::min(n, begin + STEP);
        std::fill(moved.begin(), moved.end(), 0.0f);
        for (int64_t row = 0; row < p.n_rows; row++) {
            descent d = { p, begin, end, p.values + row * n, slope.data() + row * n, moved.data() + row * STEP };
            for (int64_t column = begin; column < end; column += f.n_group) {
                block_codes & b  = p.blocks[(row * n + column) / f.n_block];
                const int     at = (int) (column % f.n_block);
                d.change_codes(b, column, at, line_of(b, at / f.n_group));
                d.change_line(b, column, at, line_of(b, at / f.n_group));
            }
        }
        add_products(slope.data(), n, moved.data(), STEP, p.n_rows, end - begin, p.hessian + begin * n, n, begin);
        add_products(slope.data() + end, n, moved.data(), STEP, p.n_rows, end - begin, p.hessian + begin * n + end, n, n - end);
    }
}

}

const feed_kernels INGOT_FEED_KERNELS = { add_products, feed, descend };

}
