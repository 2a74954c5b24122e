// see hessian.h
#include "hessian.h"

#include "../quantize.h"
#include "kernels.h"
#include "parallel.h"

#include <cmath>
#include <cstring>

namespace ingot {

namespace {

// columns of the result that a thread works on at a time
const int64_t N_TILE = 64;

}

hessian_consumer::hessian_consumer(hessian_options options_, std::function<bool()> is_stopped_) : options(std::move(options_)), is_stopped(std::move(is_stopped_)) {}

bool hessian_consumer::wants(const std::string & weight) {
    return options.weights.count(weight) > 0 && followers.count(weight) == 0;
}

bool hessian_consumer::is_same(const activations & a) const {
    if (!last || last->n_columns != a.n_columns || (int64_t) last_rows.size() != a.n_rows * a.n_columns) {
        return false;
    }
    for (int64_t i = 0; i < a.n_rows; i++) {
        if (memcmp(last_rows.data() + i * a.n_columns, a.row(i), a.n_columns * sizeof(float)) != 0) {
            return false;
        }
    }
    return true;
}

void hessian_consumer::remember(const activations & a) {
    last_rows.resize(a.n_rows * a.n_columns);
    for (int64_t i = 0; i < a.n_rows; i++) {
        memcpy(last_rows.data() + i * a.n_columns, a.row(i), a.n_columns * sizeof(float));
    }
}

void hessian_consumer::take(const activations & a) {
    if (a.n_matrices != 1 || a.is_routed) {
        return;
    }
    std::shared_ptr<hessian> & own = found[a.weight];
    if (!own && is_same(a)) {
        own = last;
        followers.insert(a.weight);
        return;
    }
    if (!own) {
        own            = std::make_shared<hessian>();
        own->n_columns = a.n_columns;
        own->values.resize(a.n_columns * a.n_columns);
    }
    if (own->n_columns != a.n_columns) {
        throw std::runtime_error(a.weight + " was used with two different shapes");
    }
    remember(a);
    last = own;
    own->n_rows += a.n_rows;
    const int64_t n = a.n_columns;
    const auto    add_products = best_feed_kernels().add_products;
    parallel(options.n_threads, (n + N_TILE - 1) / N_TILE, [&](int64_t tile) {
        if (is_stopped()) {
            throw cancelled_error();
        }
        const int64_t      begin   = tile * N_TILE;
        const int64_t      n_tile  = std::min(N_TILE, n - begin);
        std::vector<float> columns(n_tile * a.n_rows);
        for (int64_t k = 0; k < a.n_rows; k++) {
            for (int64_t i = 0; i < n_tile; i++) {
                columns[i * a.n_rows + k] = last_rows[k * n + begin + i];
            }
        }
        // the upper triangle, and a little of the lower one
        add_products(own->values.data() + begin * n + begin, n, columns.data(), a.n_rows, n_tile, a.n_rows, last_rows.data() + begin, n, n - begin);
    });
}

hessians hessian_consumer::finish() {
    std::set<hessian *> done;
    for (const auto & [weight, own] : found) {
        if (!done.insert(own.get()).second) {
            continue;
        }
        const int64_t n   = own->n_columns;
        float *       at  = own->values.data();
        double        sum = 0.0;
        for (int64_t i = 0; i < n; i++) {
            sum += at[i * n + i];
        }
        if (!std::isfinite(sum)) {
            throw not_finite_error("The model multiplies " + weight + " with values that are no finite numbers; its file is damaged");
        }
        const float scale = sum > 0.0 ? (float) ((double) n / sum) : 1.0f;
        for (int64_t i = 0; i < n; i++) {
            for (int64_t j = i; j < n; j++) {
                at[i * n + j] *= scale;
                at[j * n + i] = at[i * n + j];
            }
        }
    }
    return std::move(found);
}

hessians collect_hessians(const std::shared_ptr<model> & m, const chunk_plan & plan, const hessian_options & options, const std::function<bool()> & is_stopped,
                          const std::function<void(int32_t)> & on_progress) {
    hessian_consumer consumer(options, is_stopped);
    tap              observer({ &consumer }, false);
    chunk_evaluator  evaluator(m, plan, is_stopped, &observer);
    evaluate_chunks(plan, { &evaluator }, [&](const chunk_slice & slice) {
        if (slice.from + slice.n_tokens == plan.n_ctx) {
            on_progress(slice.chunk + slice.n_chunks);
        }
    });
    return consumer.finish();
}

}
