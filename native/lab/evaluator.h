// A llama.cpp context for work that nobody waits for between two keystrokes: whole batches, ended early between two nodes
// of the graph, with threads that stay. Who decides what is evaluated: chunks.h, bench.h.
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

// The arrays of a llama_batch in which every token is of one sequence.
class sequence_batch {
public:
    explicit sequence_batch(int32_t n_most);

    void clear();
    void add(llama_token token, int32_t position, int32_t sequence, bool has_output);
    int32_t size() const { return (int32_t) tokens.size(); }
    llama_batch view() { return view(0, size()); }
    // n tokens from one on
    llama_batch view(int32_t from, int32_t n);

private:
    std::vector<llama_token>    tokens;
    std::vector<llama_pos>      positions;
    std::vector<llama_seq_id>   sequences;
    std::vector<llama_seq_id *> sequence_of;
    std::vector<int32_t>        n_sequences;
    std::vector<int8_t>         outputs;
};

class evaluator {
public:
    // is_stopped is asked after every node of the graph. `observer` sees what flows into the weights; may be null. Of
    // params the callbacks are set here. Throws std::runtime_error with llama.cpp's reason.
    evaluator(std::shared_ptr<model> owner, llama_context_params params, std::function<bool()> is_stopped, tap * observer);
    ~evaluator();

    evaluator(const evaluator &) = delete;
    evaluator & operator=(const evaluator &) = delete;

    void clear();
    // Waits for the results. Throws cancelled_error, std::runtime_error, and what the observer's consumers threw.
    void decode(llama_batch batch);
    // of the token at this index of the batch, n_vocabulary values
    const float * logits(int32_t index) const;
    llama_memory_t memory() const { return api.llama_get_memory(context); }

    const std::shared_ptr<model> owner;

private:
    static bool should_abort(void * self);

    const std::function<bool()> is_stopped;
    tap * const                 observer;
    llama_context *             context = nullptr;
    ggml_threadpool *           pool    = nullptr;
};

}
