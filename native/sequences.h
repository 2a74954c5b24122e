// What the sequences of one context hold in the shared KV cache, position by position: reusing a common beginning,
// removing tails, making room, and decoding more. Only the worker of lanes.h calls it, except where noted.
#pragma once

#include "api.h"
#include "checkpoints.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace ingot {

class sequences {
public:
    // on_gpu: decodes of all contexts of the process take turns. can_trim, n_window: of the model; without can_trim checkpoints are kept.
    sequences(llama_context * context, int32_t n_sequences, int32_t n_cells, bool on_gpu, bool can_trim, int32_t n_window);

    int32_t count() const { return (int32_t) states.size(); }
    // tokens that all sequences together can hold
    size_t capacity() const { return n_cells; }
    // tokens held
    size_t size(int32_t sequence) const { return states[sequence]->tokens.size(); }
    // the same for any thread
    int32_t published_size(int32_t sequence) const { return states[sequence]->published; }

    // Any thread. The worker empties the sequence at its next apply_clears, when nobody uses it.
    void request_clear(int32_t sequence, bool is_idle);
    bool has_clears() const;
    void apply_clears(const std::function<bool(int32_t)> & is_free);

    // Whether a sequence begins with `tokens`.
    bool holds(int32_t sequence, const std::vector<llama_token> & tokens) const;

    // Keeps the longest common beginning with `tokens`, at most n_most of it, or shares a longer one that another sequence has.
    void keep_common(int32_t sequence, const std::vector<llama_token> & tokens, size_t n_most);

    // Keeps n_keep tokens. Recurrent models cannot drop a tail: they keep what the latest checkpoint before it has. Nothing is kept
    // where a sliding window would reach back to cells that other tokens have by now.
    void trim(int32_t sequence, int32_t n_keep);

    // Makes a checkpoint of what a sequence holds, n_apart tokens after the last one at the least.
    void checkpoint(int32_t sequence, size_t n_apart);

    // Room for n more tokens; empties sequences for which is_idle, the one used longest ago first. False: there is none.
    bool make_room(int32_t sequence, int32_t n, const std::function<bool(int32_t)> & is_idle);

    // llama.cpp's bytes of what a sequence holds, behind n_before others; empty when there are none.
    std::vector<uint8_t> save(int32_t sequence, size_t n_before) const;
    const std::vector<llama_token> & tokens(int32_t sequence) const { return states[sequence]->tokens; }

    // Makes a sequence hold these tokens by what save() gave, less its first n_before bytes. False when that fails, also
    // for want of room; the sequence is then empty.
    bool restore(int32_t sequence, const std::vector<llama_token> & tokens, const std::vector<uint8_t> & bytes, size_t n_before,
                 const std::function<bool(int32_t)> & is_idle);

    enum class decoded { done, no_room, aborted, failed };
    // Evaluates tokens at the end of a sequence. Whatever happens, the sequence then holds only what is valid.
    decoded decode(int32_t sequence, llama_token * tokens, int32_t n, int32_t n_logits, const std::function<bool(int32_t)> & is_idle);

private:
    struct state {
        explicit state(size_t n_checkpoint_bytes) : kept(n_checkpoint_bytes) {}

        std::vector<llama_token> tokens;
        std::atomic<int32_t>     published{ 0 };
        std::atomic<bool>        clear_requested{ false };
        uint64_t                 used = 0;
        checkpoints              kept;
    };

    size_t n_common(int32_t sequence, const std::vector<llama_token> & tokens, size_t n_most) const;
    bool   share(int32_t from, int32_t to, size_t n);
    std::vector<uint8_t> read_state(int32_t sequence, size_t n_before, llama_state_seq_flags flags) const;
    bool drop_tail(int32_t sequence, int32_t n_keep);
    bool go_back(int32_t sequence, const checkpoints::snapshot & to);
    std::unique_lock<std::mutex> lock_gpu() const;
    bool evict_idle(int32_t except, const std::function<bool(int32_t)> & is_idle);
    int  decode_once(int32_t sequence, llama_token * tokens, int32_t n, int32_t n_logits);

    llama_context * const               context;
    const size_t                        n_cells;
    const bool                          on_gpu;
    const bool                          can_trim;
    const int32_t                       n_window;
    std::vector<std::unique_ptr<state>> states;
    uint64_t                            clock = 0;
};

}
