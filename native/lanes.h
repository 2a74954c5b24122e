// The scheduler: one worker thread that owns one llama_context with one KV cache for several sequences. It always works
// for the request of the highest priority that can run, one slice at a time (a stretch of the prompt, or one generated
// token), and looks again. Callbacks run on the worker thread. JavaScript is not known here.
#pragma once

#include "closable.h"
#include "decoder.h"
#include "generator.h"
#include "request.h"
#include "state.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace ingot {

class lanes : public closable {
public:
    // Throws std::runtime_error with llama.cpp's reason.
    lanes(std::shared_ptr<model> owner, const context_options & options);
    // as close()
    ~lanes() override;

    lanes(const lanes &) = delete;
    lanes & operator=(const lanes &) = delete;

    // Throws std::invalid_argument for a bad sequence, token or length. on_done is called exactly once.
    std::shared_ptr<request> submit(generate_options options, std::function<void(chunk)> on_chunk, std::function<void(outcome)> on_done);

    // A request that waits ends at once, on this thread. One that runs ends inside its slice (CPU), or after it.
    void abort(const std::shared_ptr<request> & which, abort_kind kind);

    int32_t sequence_length(int32_t sequence) const;
    // A sequence in use is cleared when its request ends.
    void clear_sequence(int32_t sequence);

    // What a sequence holds, between two slices when it is in use; without tokens when it is empty, damaged or the context
    // closes. on_done is called exactly once, on the worker's thread.
    void save_sequence(int32_t sequence, std::function<void(saved_sequence)> on_done);
    // When no request of the sequence has begun. on_done gets whether the sequence holds these tokens now; else it is empty.
    void restore_sequence(int32_t sequence, saved_sequence from, std::function<void(bool)> on_done);

    // Aborts everything, waits for the worker, frees the context. Any thread, any number of times.
    void close() override;

private:
    void run();
    std::shared_ptr<request> pick();
    void finish(std::unique_lock<std::mutex> & lock, const std::shared_ptr<request> & which);
    bool in_use(int32_t sequence) const;
    void check_sequence(int32_t sequence) const;

    struct job {
        int32_t                   sequence;
        bool                      wants_idle; // waits for the end of a request that has begun
        std::function<void(bool)> run;        // false: the context closes
    };
    void add(job j);
    void apply_clears();
    void run_jobs(std::unique_lock<std::mutex> & lock);
    bool has_begun(int32_t sequence) const;
    std::shared_ptr<request> oldest_of(int32_t sequence) const;

    const std::shared_ptr<model> owner;
    const int32_t                n_sequences;
    const std::function<bool(int32_t)> is_idle; // whether no request uses a sequence; takes the lock
    std::unique_ptr<decoder>     work;
    std::unique_ptr<generator>   generation;

    mutable std::mutex                    mutex;
    std::condition_variable               wake;
    std::vector<std::shared_ptr<request>> queue;
    std::vector<job>                      jobs;
    std::shared_ptr<request>              running; // being stepped, outside the lock
    std::shared_ptr<request>              latest;  // stepped before this pick, to count pre-emptions
    uint64_t                              clock = 0;
    std::atomic<bool>                     closing{ false };
    std::mutex                            close_mutex;
    std::thread                           worker;
};

}
