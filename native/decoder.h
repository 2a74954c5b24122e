// One llama_context with its thread pool: makes it, evaluates slices with as many threads and tokens as measurements
// say, and can be told to stop in the middle of one. Only the worker of lanes.h calls it, except where noted.
#pragma once

#include "drafting.h"
#include "governor.h"
#include "model.h"
#include "pace.h"
#include "sequences.h"

#include <atomic>
#include <functional>
#include <memory>

namespace ingot {

struct context_options {
    int32_t n_cells;     // of the KV cache, shared by all sequences
    int32_t n_sequences;
    int32_t n_slice;     // prompt tokens per slice, at most
    int32_t n_threads;
    double  slice_ms;    // that a slice should take at most; 0: slices are n_slice tokens
};

class decoder {
public:
    // of which one decode can give logits
    static constexpr int32_t N_LOGITS_MOST = 1 + drafting::N_MOST; // the pending token and a draft

    // is_aborted: asked after every node of the graph, whether the running slice is wanted any longer.
    // Throws std::runtime_error with llama.cpp's reason, std::invalid_argument for options.
    decoder(std::shared_ptr<model> owner, const context_options & options, std::function<bool()> is_aborted);
    ~decoder();

    // Frees the context; what is published about the sequences stays. Any number of times.
    void close();

    decoder(const decoder &) = delete;
    decoder & operator=(const decoder &) = delete;

    // Tokens that the next slice of a prompt should have, at most.
    int32_t slice_tokens() const { return speed.next(); }

    // Evaluates tokens at the end of a sequence. `aborted` also when the slice was given up for a reason of ours, which
    // is no end for the request: then is_aborted() says false.
    // Of the last n_logits tokens there are logits then.
    sequences::decoded decode(int32_t sequence, llama_token * tokens, int32_t n, int32_t n_logits, const std::function<bool(int32_t)> & is_idle);

    // of the token at this index of what was evaluated last, -1 for its end; null: there are none
    float * logits(int32_t index);

    // Before the worker begins a slice: forgets what yield() said.
    void begin_slice();
    // Any thread, between begin_slice and the end of the slice: something more important waits. Stops the slice now when
    // most of it is likely left, and in slice_ms at the latest.
    void yield();

    std::unique_ptr<sequences> held;

private:
    enum class cause { none, aborted, given_up, yielded };
    static bool should_abort(void * self);

    const std::shared_ptr<model> owner;
    const context_options        options;
    const std::function<bool()>  is_aborted;
    llama_context *              context = nullptr;
    ggml_threadpool *            pool    = nullptr;
    governor                     threads;
    pace                         speed;
    int32_t                      n_threads_set; // what llama.cpp was told last
    double                       give_up_ms;    // when the running slice is given up
    cause                        why = cause::none;
    std::atomic<double>          yield_ms;      // when the running slice stops for something more important
    std::atomic<double>          half_ms;       // when half of the running slice is likely done
};

double now_ms();

}
