// How many threads the next slice gets. ggml's threads spin at a barrier after every node of the graph: when one of them
// loses its core to another program, all of them burn time waiting, and a decode takes 20 times as long as with one
// thread, which has no barriers. So one thread is the yardstick: what takes clearly longer with more is given up and
// done with one, and more are tried again after a while. Pure: time comes from the caller.
#pragma once

#include <cstdint>

namespace ingot {

class governor {
public:
    explicit governor(int32_t n_most);

    struct plan {
        int32_t n_threads;
        double  limit_ms; // give the slice up after that; infinite when there is nothing better to do
    };
    plan next(int32_t n_tokens, double now_ms) const;

    // what became of a slice that ran by a plan
    void report(const plan & used, int32_t n_tokens, double took_ms, bool given_up, double now_ms);

private:
    const int32_t n_most;
    bool          is_busy    = false; // others use the cores: one thread until retry_ms
    double        retry_ms   = 0.0;
    double        pause_ms   = 0.0;
    double        token_ms   = 0.0; // one generated token with one thread; 0: not measured
    double        prompt_ms  = 0.0; // one prompt token with one thread; 0: not measured
    double        best_ms    = 0.0; // one prompt token with all threads, at its best; 0: not measured
};

}
