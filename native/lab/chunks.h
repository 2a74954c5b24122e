// A text as chunks of n_ctx tokens that know nothing of each other, evaluated by one or several models in lockstep: the
// way llama.cpp's perplexity and imatrix tools go through a text, so that results are comparable with theirs.
// At most one batch of logits is in memory at a time, whatever n_ctx is.
#pragma once

#include "evaluator.h"

#include <functional>
#include <memory>
#include <vector>

namespace ingot {

struct chunk_plan {
    std::vector<llama_token> tokens;
    int32_t                  n_ctx;        // of a chunk
    int32_t                  n_chunks;
    int32_t                  first_output; // position in a chunk from which on there are logits
    int32_t                  n_threads;
    int32_t                  first_chunk = 0; // those before it are left out: an earlier run has evaluated them

    // Every model has to have its tokens in its vocabulary. Throws std::invalid_argument.
    void check(const model & m) const;
    // chunks evaluated together
    int32_t n_seq() const;
    // tokens of each of them in one batch
    int32_t n_step() const;
    // of one batch, at most
    int32_t n_outputs() const;
};

// An evaluator of batches of chunks.
class chunk_evaluator : public evaluator {
public:
    // As evaluator. Throws std::invalid_argument when the plan does not fit the model.
    chunk_evaluator(std::shared_ptr<model> owner, const chunk_plan & plan, std::function<bool()> is_stopped, tap * observer);
};

// A batch that all evaluators have evaluated: tokens from .. from + n_tokens of each of n_chunks chunks.
struct chunk_slice {
    int32_t chunk;
    int32_t n_chunks;
    int32_t from;
    int32_t n_tokens;
};

// Goes through the chunks from first_chunk on, in the batches that a run over all of them has; `visit` after each.
void evaluate_chunks(const chunk_plan & plan, const std::vector<chunk_evaluator *> & evaluators, const std::function<void(const chunk_slice &)> & visit);

}
