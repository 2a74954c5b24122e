// What rounding errors in a weight's columns cost together: the sum of products of the inputs it is multiplied with, over a
// text. Weights that see the same input (query, key and value; gate and up) share one. A consumer of the tap.
#pragma once

#include "../lab/chunks.h"
#include "../lab/tap.h"

#include <map>
#include <set>

namespace ingot {

struct hessian {
    int64_t            n_columns = 0;
    int64_t            n_rows    = 0;    // inputs seen
    float              damping   = 0.0f; // what was added to the diagonal
    std::vector<float> values;           // n_columns^2; finished: symmetric, its diagonal 1 on average without damping
};

using hessians = std::map<std::string, std::shared_ptr<hessian>>;

struct hessian_options {
    std::set<std::string> weights;
    int32_t               n_threads;
};

class hessian_consumer : public activation_consumer {
public:
    hessian_consumer(hessian_options options, std::function<bool()> is_stopped);

    bool wants(const std::string & weight) override;
    // Throws not_finite_error, cancelled_error.
    void take(const activations & a) override;

    // Makes the matrices whole; call once. Weights that were never multiplied are not there.
    hessians finish();

private:
    // the rows that were taken last, to know them again
    bool is_same(const activations & a) const;
    void remember(const activations & a);

    const hessian_options       options;
    const std::function<bool()> is_stopped;
    hessians                    found;
    std::set<std::string>       followers; // see the input of a weight before them
    std::shared_ptr<hessian>    last;
    std::vector<float>          last_rows;
};

// on_progress: chunks done. Throws cancelled_error, not_finite_error, std::runtime_error.
hessians collect_hessians(const std::shared_ptr<model> & m, const chunk_plan & plan, const hessian_options & options, const std::function<bool()> & is_stopped,
                          const std::function<void(int32_t n_chunks)> & on_progress);

}
