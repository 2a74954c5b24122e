// A loaded GGUF: weights, vocabulary, what llama.cpp says about it, and the table of token texts that token healing
// needs. Immutable once loaded, so any thread may read it. Contexts are made in lanes.h.
#pragma once

#include "api.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

namespace ingot {

struct load_options {
    std::string path;
    int32_t     n_gpu_layers = 0; // 0 = CPU only
    bool        vocab_only   = false;
};

struct model_info {
    std::string description;
    uint64_t    n_parameters;
    uint64_t    n_bytes;
    int32_t     n_vocabulary;
    int32_t     n_layers;
    int32_t     n_trained_context;
    int32_t     n_layers_offloaded; // output layer included, as llama.cpp logs it
    std::string device_name;
    bool        add_bos;
    bool        has_chat_template;
    std::string chat_template;
    bool        can_trim; // whether the tail of a sequence can be removed from memory
    int32_t     n_window; // tokens that layers with a sliding window see; 0: there are none
};

class model {
public:
    // Throws std::runtime_error with llama.cpp's reason. on_progress gets 0..1 on the calling thread.
    static std::shared_ptr<model> load(const load_options & options, const std::atomic<bool> & aborted,
                                       const std::function<void(float)> & on_progress);
    ~model();

    model(const model &) = delete;
    model & operator=(const model &) = delete;

    std::vector<llama_token> tokenize(const std::string & text, bool add_special, bool parse_special) const;
    std::string detokenize(const std::vector<llama_token> & tokens, bool special) const;
    // raw bytes of one token; control tokens as text
    std::string piece(llama_token token) const;
    // bytes that a token adds to generated text: none for control tokens
    std::string text_of(llama_token token) const;
    bool is_token(llama_token token) const { return token >= 0 && token < info.n_vocabulary; }

    // tokens whose text is a beginning of `forced`, or begins with it
    std::vector<llama_token> continuing(const std::string & forced) const;

    // whether both have the same tokens with the same texts
    bool has_vocabulary_of(const model & other) const { return texts == other.texts && offsets == other.offsets; }

    // frees the weights, once nobody holds in_use; nothing else may be called after that
    void free_weights();

    // held, shared, by work that takes long and cannot be told to end from here; is_closing asks it to
    mutable std::shared_mutex in_use;
    std::atomic<bool>         is_closing{ false };

    llama_model *       handle     = nullptr;
    const llama_vocab * vocab      = nullptr;
    bool                vocab_only = false;
    model_info          info;

private:
    model() = default;
    void build_table();

    // all token texts in one block: offsets[token] .. offsets[token + 1]
    std::string              texts;
    std::vector<uint32_t>    offsets;
    std::vector<llama_token> sorted; // tokens with text, by text
};

// Throws std::runtime_error with llama.cpp's reason, or the hint where it gives none; `what` goes on "llama.cpp cannot make a context".
llama_context * make_context(const model & owner, const llama_context_params & params, const std::string & what, const std::string & hint);

}
