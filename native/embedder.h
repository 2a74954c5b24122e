// Texts as vectors: one llama_context that pools, and one thread of low priority that computes with it alone, so that whoever else computes
// keeps the processor. Batches one after the other, in their order. JavaScript is not known here.
#pragma once

#include "closable.h"
#include "model.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ingot {

struct embedder_options {
    int32_t n_tokens;  // of a batch, all its texts together
    int32_t n_texts;   // of a batch
    enum llama_pooling_type pooling;   // how the vectors of tokens become one
};

// What became of a batch. Values: a vector of length 1 for each text, one behind the other.
struct embedded {
    std::vector<float> values;
    bool               is_aborted = false;
    std::string        error;
};

class embedder : public closable {
public:
    // Throws std::runtime_error with llama.cpp's reason, std::invalid_argument for options.
    embedder(std::shared_ptr<model> owner, const embedder_options & options);
    // as close()
    ~embedder() override;

    embedder(const embedder &) = delete;
    embedder & operator=(const embedder &) = delete;

    int32_t dimensions() const { return n_dimensions; }

    // Throws std::invalid_argument for an empty, too long or strange text. on_done is called exactly once, on the worker's thread or in
    // close(). Setting what is returned ends the batch within a node of the graph.
    std::shared_ptr<std::atomic<bool>> submit(std::vector<std::vector<llama_token>> texts, std::function<void(embedded)> on_done);

    void close() override;

private:
    struct batch {
        std::vector<std::vector<llama_token>> texts;
        std::function<void(embedded)>         on_done;
        std::shared_ptr<std::atomic<bool>>    is_aborted = std::make_shared<std::atomic<bool>>(false);
    };

    void run();
    embedded compute(const batch & b);
    static bool should_abort(void * self);

    const std::shared_ptr<model> owner;
    const embedder_options       options;
    const int32_t                n_dimensions;
    llama_context *              context = nullptr;
    const std::atomic<bool> *    current = nullptr; // of the batch that is computed; worker only

    std::mutex              mutex;
    std::condition_variable wake;
    std::deque<batch>       queue;
    std::atomic<bool>       closing{ false };
    std::mutex              close_mutex;
    std::thread             worker;
};

}
