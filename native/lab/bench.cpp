// see bench.h
#include "bench.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <stdexcept>

namespace ingot {

namespace {

// evaluated before anything is measured: weights come from the disk then
const int32_t N_WARM = 16;

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <typename F> int32_t most(const std::vector<bench_run> & runs, F value) {
    int32_t found = 0;
    for (const bench_run & run : runs) {
        found = std::max(found, value(run));
    }
    return found;
}

llama_context_params params_of(const bench_plan & plan) {
    plan.check();
    llama_context_params params = api.llama_context_default_params();
    params.n_ctx                = plan.n_ctx();
    params.n_batch              = plan.n_batch;
    params.n_ubatch             = plan.n_ubatch;
    params.n_seq_max            = most(plan.runs, [](const bench_run & run) { return run.n_parallel; });
    params.n_threads            = plan.n_threads;
    params.n_threads_batch      = plan.n_threads;
    return params;
}

}

void bench_plan::check() const {
    if (runs.empty() || n_threads < 1 || n_threads > GGML_MAX_N_THREADS || n_ubatch < N_WARM || n_batch < n_ubatch) {
        throw std::invalid_argument("There is nothing to measure, or batches and threads are out of bounds");
    }
    for (const bench_run & run : runs) {
        if (run.n_prompt < 1 || run.n_generate < 1 || run.n_parallel < 1 || run.n_parallel > 256 || run.n_prompt > (1 << 20) || run.n_generate > (1 << 20)) {
            throw std::invalid_argument("A run is out of bounds");
        }
    }
    const int64_t n_longest = most(runs, [](const bench_run & run) { return run.n_prompt + run.n_generate; });
    if (n_longest * most(runs, [](const bench_run & run) { return run.n_parallel; }) > (1 << 24)) {
        throw std::invalid_argument("A run is out of bounds");
    }
}

int32_t bench_plan::n_ctx() const {
    // every sequence has as many cells as the longest needs
    const int32_t n_longest = most(runs, [](const bench_run & run) { return run.n_prompt + run.n_generate; });
    return std::max(n_longest, N_WARM) * most(runs, [](const bench_run & run) { return run.n_parallel; });
}

std::vector<bench_result> run_bench(const std::shared_ptr<model> & m, const bench_plan & plan, const std::function<bool()> & is_stopped,
                                    const std::function<void(size_t, int32_t, int32_t)> & on_step) {
    evaluator        e(m, params_of(plan), is_stopped, nullptr);
    std::minstd_rand random; // the same tokens every time
    const auto       any_token = [&] { return (llama_token) (random() % m->info.n_vocabulary); };
    sequence_batch   batch(plan.n_ctx());
    for (int32_t i = 0; i < N_WARM; i++) {
        batch.add(any_token(), i, 0, false);
    }
    e.decode(batch.view());

    std::vector<bench_result> results;
    for (size_t r = 0; r < plan.runs.size(); r++) {
        const bench_run & run = plan.runs[r];
        batch.clear();
        for (int32_t s = 0; s < (plan.is_shared ? 1 : run.n_parallel); s++) {
            for (int32_t i = 0; i < run.n_prompt; i++) {
                batch.add(any_token(), i, s, i == run.n_prompt - 1);
            }
        }
        api.llama_memory_clear(e.memory(), false);
        const auto prompt_start = std::chrono::steady_clock::now();
        for (int32_t from = 0; from < batch.size(); from += plan.n_batch) {
            const int32_t n = std::min(plan.n_batch, batch.size() - from);
            e.decode(batch.view(from, n));
            on_step(r, from + n, 0);
        }
        bench_result result;
        result.prompt_s = seconds_since(prompt_start);

        if (plan.is_shared && run.n_parallel > 1) {
            for (int32_t s = 1; s < run.n_parallel; s++) {
                api.llama_memory_seq_cp(e.memory(), 0, s, -1, -1);
            }
            // copies are made with the next evaluation, which is none of the writing
            batch.clear();
            batch.add(any_token(), run.n_prompt, 0, true);
            e.decode(batch.view());
            if (!api.llama_memory_seq_rm(e.memory(), 0, run.n_prompt, -1)) {
                throw std::runtime_error("This model cannot go back by a token, so its sequences cannot share a prompt");
            }
        }
        for (int32_t i = 0; i < run.n_generate; i++) {
            batch.clear();
            for (int32_t s = 0; s < run.n_parallel; s++) {
                batch.add(any_token(), run.n_prompt + i, s, true);
            }
            const auto step_start = std::chrono::steady_clock::now();
            e.decode(batch.view());
            result.step_s.push_back(seconds_since(step_start));
            on_step(r, plan.is_shared ? run.n_prompt : run.n_prompt * run.n_parallel, i + 1);
        }
        results.push_back(std::move(result));
    }
    return results;
}

}
