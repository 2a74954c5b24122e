// see imatrix.h
#include "imatrix.h"

#include "../quantize.h"

#include <cmath>
#include <stdexcept>

namespace ingot {

void imatrix_consumer::take(const activations & a) {
    imatrix_entry & entry = entries[a.weight];
    if (entry.n_columns == 0) {
        entry.n_columns = a.n_columns;
        if (entry.sums.empty()) {
            entry.sums.resize(a.n_columns * a.n_matrices);
        }
        entry.counts.resize(a.n_matrices, entry.counts.empty() ? 0 : entry.counts.front());
    }
    if (entry.n_columns != a.n_columns || (int64_t) entry.counts.size() != a.n_matrices || (int64_t) entry.sums.size() != a.n_columns * a.n_matrices) {
        throw std::runtime_error(a.weight + " was used with two different shapes");
    }
    entry.is_routed = entry.is_routed || a.is_routed;
    entry.counts[a.matrix] += a.n_rows;
    float * const sums = entry.sums.data() + a.matrix * a.n_columns;
    for (int64_t i = 0; i < a.n_rows; i++) {
        const float * x = a.row(i);
        for (int64_t j = 0; j < a.n_columns; j++) {
            sums[j] += x[j] * x[j];
        }
    }
    for (int64_t j = 0; j < a.n_columns; j++) {
        if (!std::isfinite(sums[j])) {
            throw not_finite_error("The model multiplies " + a.weight + " with values that are no finite numbers; its file is damaged");
        }
    }
}

imatrix collect_imatrix(const std::shared_ptr<model> & m, const chunk_plan & plan, bool with_output, imatrix earlier, const std::function<bool()> & is_stopped,
                        const std::function<void(int32_t, const imatrix &)> & on_progress) {
    imatrix_consumer consumer;
    consumer.entries = std::move(earlier);
    tap              observer({ &consumer }, with_output);
    chunk_evaluator  evaluator(m, plan, is_stopped, &observer);
    evaluate_chunks(plan, { &evaluator }, [&](const chunk_slice & slice) {
        if (slice.from + slice.n_tokens == plan.n_ctx) {
            on_progress(slice.chunk + slice.n_chunks, consumer.entries);
        }
    });
    return std::move(consumer.entries);
}

}
