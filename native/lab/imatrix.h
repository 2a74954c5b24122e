// The importance matrix: for every column of every weight the sum of the squares of what it was multiplied with, and the
// number of rows. A consumer of the tap, and the run over a text. Sums are floats added row by row, as llama-imatrix does.
#pragma once

#include "chunks.h"
#include "tap.h"

#include <map>

namespace ingot {

struct imatrix_entry {
    int64_t              n_columns = 0;     // 0: not known yet, in an entry of an earlier run
    bool                 is_routed = false; // false: one count for all matrices
    std::vector<float>   sums;              // matrix by matrix
    std::vector<int64_t> counts;            // of each matrix; of an earlier run also one for all
};

using imatrix = std::map<std::string, imatrix_entry>;

class imatrix_consumer : public activation_consumer {
public:
    bool wants(const std::string &) override { return true; }
    // Throws not_finite_error.
    void take(const activations & a) override;

    imatrix entries;
};

// earlier: the entries of a run that ended before plan.first_chunk; rows are added to them as that run would have gone on.
// on_progress: chunks done, between two batches; `so_far` are the entries then.
// Throws cancelled_error, not_finite_error, std::runtime_error.
imatrix collect_imatrix(const std::shared_ptr<model> & m, const chunk_plan & plan, bool with_output, imatrix earlier, const std::function<bool()> & is_stopped,
                        const std::function<void(int32_t n_chunks, const imatrix & so_far)> & on_progress);

}
