// How fast a model is: several sequences of random tokens that are read together and written together, the figures of
// llama-batched-bench, and beside them how long each step of the writing took.
#pragma once

#include "evaluator.h"

namespace ingot {

struct bench_run {
    int32_t n_prompt;   // tokens of a sequence that are read
    int32_t n_generate; // and written
    int32_t n_parallel; // sequences
};

struct bench_plan {
    std::vector<bench_run> runs;
    bool                   is_shared; // one prompt, read once, for all sequences
    int32_t                n_batch;   // tokens given to llama.cpp at once
    int32_t                n_ubatch;  // and evaluated at once
    int32_t                n_threads;

    // Throws std::invalid_argument.
    void check() const;
    // tokens that the context has to hold
    int32_t n_ctx() const;
};

struct bench_result {
    double              prompt_s;
    std::vector<double> step_s; // one token of every sequence
};

// on_step: run, tokens of its prompt read, steps written; after each evaluation.
// Throws cancelled_error, std::runtime_error.
std::vector<bench_result> run_bench(const std::shared_ptr<model> & m, const bench_plan & plan, const std::function<bool()> & is_stopped,
                                    const std::function<void(size_t run, int32_t n_read, int32_t n_steps)> & on_step);

}
