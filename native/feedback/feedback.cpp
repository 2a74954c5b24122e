// see feedback.h
#include "feedback.h"

#include "../api.h"
#include "kernels.h"

#include <algorithm>
#include <cmath>

namespace ingot {

namespace {

// Share of the average that is added to the diagonal: what the text did not show may still come.
const float DAMPING = 0.01f;
// after the first choice; more of them gain little
const int N_DESCENTS = 2;
// rows that share what is read of the matrices
const int64_t N_PANEL = 32;
// Matrices that are taken apart at a time: blocks of one tensor may still be in work when those of the next begin.
const size_t N_RECENT = 2;

}

feedback::feedback(hessians found, int n_threads_) : n_threads(n_threads_) {
    std::map<hessian *, std::shared_ptr<entry>> known;
    for (const auto & [weight, matrix] : found) {
        std::shared_ptr<entry> & e = known[matrix.get()];
        if (!e) {
            e         = std::make_shared<entry>();
            e->matrix = matrix;
        }
        entries[weight] = e;
    }
}

std::vector<std::string> feedback::weights() const {
    std::vector<std::string> names;
    for (const auto & [weight, e] : entries) {
        names.push_back(weight);
    }
    return names;
}

const hessian & feedback::of(const std::string & weight) const {
    const auto found = entries.find(weight);
    if (found == entries.end()) {
        throw std::invalid_argument("Nothing is known of the inputs of " + weight);
    }
    return *found->second->matrix;
}

void feedback::check(const std::string & weight, const quantize_job & job) const {
    const hessian & matrix = of(weight);
    if (!find_format(job.type)) {
        throw std::invalid_argument(std::string(api.ggml_type_name(job.type)) + " has no blocks that errors can be fed back into");
    }
    row_bytes(job.type, job.n_per_row);
    if (matrix.n_columns != job.n_per_row) {
        throw std::invalid_argument(weight + " has inputs of " + std::to_string(matrix.n_columns) + " values, not " + std::to_string(job.n_per_row));
    }
}

std::shared_ptr<const factored> feedback::parts_of(const std::shared_ptr<entry> & e, const std::atomic<bool> & stopping) {
    const std::lock_guard<std::mutex> own(e->mutex);
    std::shared_ptr<const factored>   parts = e->parts;
    if (!parts) {
        parts = std::make_shared<factored>(factor(*e->matrix, DAMPING, n_threads, [&] { return is_stopped || stopping; }));
        e->parts = parts;
        const std::lock_guard<std::mutex> all(mutex);
        recent.push_back(e);
    }
    return parts;
}

void feedback::forget_old() {
    std::shared_ptr<entry> old;
    {
        const std::lock_guard<std::mutex> all(mutex);
        if (recent.size() <= N_RECENT) {
            return;
        }
        old = recent.front();
        recent.pop_front();
    }
    const std::lock_guard<std::mutex> own(old->mutex);
    old->parts = nullptr;
}

void feedback::quantize(const std::string & weight, const quantize_job & job) {
    check(weight, job);
    const std::shared_ptr<entry>          e     = entries.at(weight);
    const std::shared_ptr<const factored> parts = parts_of(e, *job.stopping);
    forget_old();

    const feed_kernels & kernels = best_feed_kernels();
    const block_format & format  = *find_format(job.type);
    const half_functions half    = { api.ggml_fp32_to_fp16_row, api.ggml_fp16_to_fp32_row };
    const int64_t        n       = job.n_per_row;
    const int64_t        n_target_bytes = row_bytes(job.type, n);
    const int64_t        n_block_bytes  = row_bytes(job.type, format.n_block);
    std::vector<float>       rows, values;
    std::vector<block_codes> blocks;
    for (int64_t row = 0; row < job.n_rows; row += N_PANEL) {
        if (is_stopped || *job.stopping) {
            throw cancelled_error();
        }
        const int64_t n_rows = std::min(N_PANEL, job.n_rows - row);
        rows.resize(n_rows * n);
        values.resize(n_rows * n);
        blocks.assign(n_rows * n / format.n_block, {});
        rows_to_floats(job, row, n_rows, rows.data());
        const feed_panel panel = { format, rows.data(), n_rows, n, e->matrix->values.data(), parts->feedback.data(), parts->costs.data(), half, blocks.data(), values.data() };
        kernels.feed(panel);
        for (int i = 0; i < N_DESCENTS; i++) {
            kernels.descend(panel);
        }
        uint8_t * target = job.target + row * n_target_bytes;
        for (size_t i = 0; i < blocks.size(); i++) {
            write_block(format, blocks[i], half, target + i * n_block_bytes);
        }
        if (!api.ggml_validate_row_data(job.type, target, n_rows * n_target_bytes)) {
            throw not_finite_error("Rows " + std::to_string(row) + " to " + std::to_string(row + n_rows - 1) + " are not finite as " + api.ggml_type_name(job.type));
        }
    }
}

}
