// see factor.h. H = R'R with R lower triangular, so that the error of a row is the sum over j of (R[j][j] * (what is left in
// column j after its share of the earlier columns' errors))^2. R is the Cholesky factor of H with rows and columns in reverse
// order, reversed again.
#include "factor.h"

#include "kernels.h"
#include "parallel.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace ingot {

namespace {

const int64_t N_BLOCK = 64;
const int64_t N_ROWS  = 32; // of a part of the work

// The columns begin .. end of the rows from `first` on, by the triangle at (begin, begin). In doubles: few sums, the ones that matter.
void solve(float * a, int64_t n, int64_t begin, int64_t end, int64_t first, int64_t last) {
    for (int64_t i = first; i < last; i++) {
        float * row = a + i * n;
        for (int64_t j = begin; j < std::min(end, i); j++) {
            const float * other = a + j * n;
            double        sum   = row[j];
            for (int64_t k = begin; k < j; k++) {
                sum -= (double) row[k] * other[k];
            }
            row[j] = (float) (sum / other[j]);
        }
        if (i < end) {
            double sum = row[i];
            for (int64_t k = begin; k < i; k++) {
                sum -= (double) row[k] * row[k];
            }
            row[i] = sum > 0.0 ? (float) std::sqrt(sum) : NAN;
        }
    }
}

// In place, the lower triangle. False when the matrix is not positive definite.
bool cholesky(std::vector<float> & a, int64_t n, int n_threads, const std::function<bool()> & is_stopped) {
    const auto         add_products = best_feed_kernels().add_products;
    std::vector<float> turned(N_BLOCK * n);
    for (int64_t begin = 0; begin < n; begin += N_BLOCK) {
        const int64_t end = std::min(n, begin + N_BLOCK);
        solve(a.data(), n, begin, end, begin, end);
        for (int64_t i = begin; i < end; i++) {
            if (!(a[i * n + i] > 0.0f)) {
                return false;
            }
        }
        const int64_t n_left  = n - end;
        const int64_t n_parts = (n_left + N_ROWS - 1) / N_ROWS;
        parallel(n_threads, n_parts, [&](int64_t part) {
            const int64_t first = end + part * N_ROWS, last = std::min(n, first + N_ROWS);
            solve(a.data(), n, begin, end, first, last);
            for (int64_t i = first; i < last; i++) {
                for (int64_t k = begin; k < end; k++) {
                    turned[(k - begin) * n + i] = -a[i * n + k];
                }
            }
        });
        parallel(n_threads, n_parts, [&](int64_t part) {
            if (is_stopped()) {
                throw cancelled_error();
            }
            const int64_t first = end + part * N_ROWS, last = std::min(n, first + N_ROWS);
            add_products(a.data() + first * n + end, n, a.data() + first * n + begin, n, last - first, end - begin, turned.data() + end, n, last - end);
        });
    }
    return true;
}

}

factored factor(hessian & h, float damping, int n_threads, const std::function<bool()> & is_stopped) {
    const int64_t n = h.n_columns;
    factored      result;
    for (int attempt = 0; attempt < 4; attempt++, damping *= 10.0f) {
        const float more = std::max(0.0f, damping - h.damping);
        for (int64_t i = 0; i < n; i++) {
            h.values[i * n + i] += more;
        }
        h.damping += more;
        result.feedback.assign(h.values.rbegin(), h.values.rend());
        if (!cholesky(result.feedback, n, n_threads, is_stopped)) {
            continue;
        }
        std::reverse(result.feedback.begin(), result.feedback.end());
        result.costs.resize(n);
        std::vector<float> inverse(n);
        for (int64_t j = 0; j < n; j++) {
            const float root = result.feedback[j * n + j];
            result.costs[j]  = root * root;
            inverse[j]       = 1.0f / root;
        }
        for (int64_t i = 0; i < n; i++) {
            for (int64_t j = i + 1; j < n; j++) {
                result.feedback[i * n + j] *= inverse[j];
            }
        }
        return result;
    }
    throw std::runtime_error("The inputs of a weight cannot be taken apart; calibrate with more text");
}

}
