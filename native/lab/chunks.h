// A text as chunks of n_ctx tokens that know nothing of each other, evaluated by one or several models in lockstep: the
// way llama.cpp's perplexity and imatrix tools go through a text, so that results are comparable with theirs.
// At most one batch of logits is in memory at a time, whatever n_ctx is.
#pragma once

#include "../model.h"

#include <exception>
#include <functional>
#include <memory>
#include <vector>

namespace ingot {

class tap;

// whoever asked for the work does not want it any longer
struct cancelled_error : std::exception {
    const char * what() const noexcept override { return "Cancelled"; }
};

// Keeps a model's weights from being freed while it lives. Throws std::invalid_argument when they already are.
class model_lease {
public:
    explicit model_lease(std::shared_ptr<model> owner);

    const std::shared_ptr<model> owner;

private:
    std::shared_lock<std::shared_mutex> lock;
};

struct chunk_plan {
    std::vector<llama_token> tokens;
    int32_t                  n_ctx;        // of a chunk
    int32_t                  n_chunks;
    int32_t                  first_output; // position in a chunk from which on there are logits
    int32_t                  n_threads;

    // Every model has to have its tokens in its vocabulary. Throws std::invalid_argument.
    void check(const model & m) const;
    // chunks evaluated together
    int32_t n_seq() const;
    // tokens of each of them in one batch
    int32_t n_step() const;
    // of one batch, at most
    int32_t n_outputs() const;
};

// What one model thinks of the batch that was evaluated last.
class chunk_evaluator {
public:
    // is_stopped is asked after every node of the graph. `observer` sees what flows into the weights; may be null.
    // Throws std::runtime_error with llama.cpp's reason.
    chunk_evaluator(std::shared_ptr<model> owner, const chunk_plan & plan, std::function<bool()> is_stopped, tap * observer);
    ~chunk_evaluator();

    chunk_evaluator(const chunk_evaluator &) = delete;
    chunk_evaluator & operator=(const chunk_evaluator &) = delete;

    void clear();
    // Throws cancelled_error, std::runtime_error, and what the observer's consumers threw.
    void decode(llama_batch batch);
    // of the token at this index of the batch, n_vocabulary values
    const float * logits(int32_t index) const;

    const std::shared_ptr<model> owner;

private:
    static bool should_abort(void * self);

    const std::function<bool()> is_stopped;
    tap * const                 observer;
    llama_context *             context = nullptr;
    ggml_threadpool *           pool    = nullptr;
};

// A batch that all evaluators have evaluated: tokens from .. from + n_tokens of each of n_chunks chunks.
struct chunk_slice {
    int32_t chunk;
    int32_t n_chunks;
    int32_t from;
    int32_t n_tokens;
};

// Goes through all chunks; `visit` after each batch.
void evaluate_chunks(const chunk_plan & plan, const std::vector<chunk_evaluator *> & evaluators, const std::function<void(const chunk_slice &)> & visit);

}
