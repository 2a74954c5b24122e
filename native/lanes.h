// The scheduler: one worker thread that owns one llama_context with one KV cache for several sequences. It always works
// for the request of the highest priority that can run, one slice at a time (a stretch of the prompt, or one generated
// token), and looks again. Callbacks run on the worker thread. JavaScript is not known here.
#pragma once

#include "governor.h"
#include "model.h"
#include "sampler.h"
#include "sequences.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ingot {

struct context_options {
    int32_t n_cells;     // of the KV cache, shared by all sequences
    int32_t n_sequences;
    int32_t n_slice;     // prompt tokens per slice
    int32_t n_threads;
};

struct generate_options {
    int32_t                  sequence   = 0;
    int32_t                  priority   = 0;
    std::vector<llama_token> tokens;
    int32_t                  max_tokens = 0;
    sampler_options          sampling;
    std::vector<llama_token> stop_tokens;
    std::vector<std::string> stop_texts;
    std::vector<llama_token> banned_tokens;
    std::string              forced_prefix;
};

struct chunk {
    std::string              text;
    std::vector<llama_token> tokens;
    std::vector<float>       probabilities;
    int32_t                  prompt_done  = -1; // -1: no progress to report
    int32_t                  prompt_total = -1;
};

enum class stop_reason { end_of_generation, stop_token, stop_text, max_tokens, aborted, context_full };

struct outcome {
    std::string              error; // not empty: the request failed and nothing else is meant
    std::string              text;
    std::vector<llama_token> tokens;
    stop_reason              stop = stop_reason::aborted;
    std::string              stop_text;
    int32_t                  n_prompt    = 0; // evaluated
    int32_t                  n_reused    = 0;
    int32_t                  n_generated = 0;
    double                   prompt_ms   = 0.0;
    double                   generate_ms = 0.0;
    double                   confidence  = 1.0;
    int32_t                  n_preemptions = 0;
};

struct request;

class lanes {
public:
    // Throws std::runtime_error with llama.cpp's reason.
    lanes(std::shared_ptr<model> owner, const context_options & options);
    // as close()
    ~lanes();

    lanes(const lanes &) = delete;
    lanes & operator=(const lanes &) = delete;

    // Throws std::invalid_argument for a bad sequence, token or length. on_done is called exactly once.
    std::shared_ptr<request> submit(generate_options options, std::function<void(chunk)> on_chunk, std::function<void(outcome)> on_done);

    // Effective inside a running batch (CPU). A request that waits ends at once, on this thread.
    void abort(const std::shared_ptr<request> & which);

    int32_t sequence_length(int32_t sequence) const;
    // A sequence in use is cleared when its request ends.
    void clear_sequence(int32_t sequence);

    // Aborts everything, waits for the worker, frees the context. Any thread, any number of times.
    void close();

private:
    void run();
    std::shared_ptr<request> pick();
    void finish(std::unique_lock<std::mutex> & lock, const std::shared_ptr<request> & which);
    bool in_use(int32_t sequence) const;
    void check_sequence(int32_t sequence) const;

    bool step(request & r);
    bool evaluate(request & r, int32_t n, bool with_logits);
    sequences::decoded decode(request & r, int32_t n, bool with_logits);
    bool advance(request & r);
    bool accept(request & r, llama_token token, float probability);
    static bool should_abort(void * self);

    const std::shared_ptr<model> owner;
    const context_options        options;
    const std::function<bool(int32_t)> is_idle; // whether no request uses a sequence; takes the lock
    llama_context *              context = nullptr;
    ggml_threadpool *            pool    = nullptr;
    std::unique_ptr<sequences>   held;
    governor                     threads;       // of the worker
    int32_t                      n_threads_set; // what llama.cpp was told last
    double                       give_up_ms;    // when the running slice is given up

    mutable std::mutex                    mutex;
    std::condition_variable               wake;
    std::vector<std::shared_ptr<request>> queue;
    std::shared_ptr<request>              running; // being stepped, outside the lock
    std::shared_ptr<request>              latest;  // stepped before this pick, to count pre-emptions
    uint64_t                              clock = 0;
    std::atomic<bool>                     closing{ false };
    std::mutex                            close_mutex;
    std::thread                           worker;
};

}
