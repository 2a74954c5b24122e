// see model.h
#include "model.h"

#include "log.h"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <string_view>

namespace ingot {

namespace {

struct progress_state {
    const std::atomic<bool> *          aborted;
    const std::function<void(float)> * on_progress;
};

bool report_progress(float fraction, void * user) {
    auto * state = (progress_state *) user;
    if (*state->on_progress) {
        (*state->on_progress)(fraction);
    }
    return !*state->aborted;
}

// "load_tensors: offloaded 25/25 layers to GPU" and "...: using device Vulkan0 (NAME) (id) - 1 MiB free": llama.cpp
// has no call that tells what it decided, only these lines
void read_placement(const std::vector<log_line> & lines, model_info & info) {
    info.n_layers_offloaded = 0;
    std::string devices;
    for (const auto & line : lines) {
        const std::string offloaded = "offloaded ";
        size_t            at        = line.text.find(offloaded);
        int               n         = 0;
        int               total     = 0;
        if (at != std::string::npos && sscanf(line.text.c_str() + at + offloaded.size(), "%d/%d", &n, &total) == 2) {
            info.n_layers_offloaded = n;
        }
        const std::string using_device = ": using device ";
        at = line.text.find(using_device);
        if (at != std::string::npos) {
            // the description may hold parentheses itself: it ends before the last but one group
            std::string  name  = line.text.substr(at + using_device.size());
            const size_t tail  = name.rfind(") (");
            const size_t begin = name.find('(');
            if (begin != std::string::npos && tail != std::string::npos && tail > begin) {
                name = name.substr(begin + 1, tail - begin - 1);
            }
            devices += (devices.empty() ? "" : " + ") + name;
        }
    }
    info.device_name = info.n_layers_offloaded > 0 && !devices.empty() ? devices : "CPU";
}

}

std::shared_ptr<model> model::load(const load_options & options, const std::atomic<bool> & aborted,
                                   const std::function<void(float)> & on_progress) {
    log_capture        captured;
    progress_state     state{ &aborted, &on_progress };
    ggml_backend_dev_t no_devices[] = { nullptr };

    llama_model_params params          = api.llama_model_default_params();
    params.n_gpu_layers                = options.n_gpu_layers;
    params.vocab_only                  = options.vocab_only;
    params.progress_callback           = report_progress;
    params.progress_callback_user_data = &state;
    if (options.n_gpu_layers <= 0) {
        params.devices = no_devices; // otherwise large batches would still be sent to the GPU
    }

    std::shared_ptr<model> loaded(new model());
    loaded->vocab_only = options.vocab_only;
    try {
        loaded->handle = api.llama_model_load_from_file(options.path.c_str(), params);
    } catch (const std::exception & error) {
        throw std::runtime_error(std::string("llama.cpp cannot load this model file: ") + error.what());
    }
    if (!loaded->handle) {
        if (aborted) {
            throw std::runtime_error("Loading was cancelled");
        }
        const std::string reason = captured.errors();
        throw std::runtime_error("llama.cpp cannot load this model file" + (reason.empty() ? "" : ": " + reason));
    }

    llama_model * handle = loaded->handle;
    loaded->vocab        = api.llama_model_get_vocab(handle);
    model_info & info    = loaded->info;
    char         description[256] = "";
    api.llama_model_desc(handle, description, sizeof(description));
    const char * chat_template = api.llama_model_chat_template(handle, nullptr);

    info.description       = description;
    info.n_parameters      = api.llama_model_n_params(handle);
    info.n_bytes           = api.llama_model_size(handle);
    info.n_vocabulary      = api.llama_vocab_n_tokens(loaded->vocab);
    info.n_layers          = api.llama_model_n_layer(handle);
    info.n_trained_context = api.llama_model_n_ctx_train(handle);
    info.add_bos           = api.llama_vocab_get_add_bos(loaded->vocab);
    info.has_chat_template = chat_template != nullptr;
    info.chat_template     = chat_template ? chat_template : "";
    info.can_trim          = !api.llama_model_is_recurrent(handle) && !api.llama_model_is_hybrid(handle);
    info.n_window          = api.llama_model_n_swa(handle);
    read_placement(captured.lines, info);
    loaded->build_table();
    return loaded;
}

model::~model() {
    free_weights();
}

void model::free_weights() {
    is_closing = true;
    const std::unique_lock<std::shared_mutex> lock(in_use);
    if (handle) {
        api.llama_model_free(handle);
        handle = nullptr;
        vocab  = nullptr;
    }
}

std::vector<llama_token> model::tokenize(const std::string & text, bool add_special, bool parse_special) const {
    std::vector<llama_token> tokens(text.size() + 8);
    int32_t n = api.llama_tokenize(vocab, text.data(), (int32_t) text.size(), tokens.data(), (int32_t) tokens.size(), add_special, parse_special);
    if (n < 0 && n != INT32_MIN) {
        tokens.resize(-n);
        n = api.llama_tokenize(vocab, text.data(), (int32_t) text.size(), tokens.data(), (int32_t) tokens.size(), add_special, parse_special);
    }
    if (n < 0) {
        throw std::runtime_error("The text is too long to tokenize");
    }
    tokens.resize(n);
    return tokens;
}

std::string model::detokenize(const std::vector<llama_token> & tokens, bool special) const {
    std::string text(tokens.size() * 8 + 16, '\0');
    int32_t n = api.llama_detokenize(vocab, tokens.data(), (int32_t) tokens.size(), text.data(), (int32_t) text.size(), false, special);
    if (n < 0) {
        text.resize(-n);
        n = api.llama_detokenize(vocab, tokens.data(), (int32_t) tokens.size(), text.data(), (int32_t) text.size(), false, special);
    }
    text.resize(std::max(n, 0));
    return text;
}

static std::string piece_of(const llama_vocab * vocab, llama_token token, bool special) {
    char    buffer[128];
    int32_t n = api.llama_token_to_piece(vocab, token, buffer, sizeof(buffer), 0, special);
    if (n >= 0) {
        return std::string(buffer, n);
    }
    std::string text(-n, '\0');
    n = api.llama_token_to_piece(vocab, token, text.data(), (int32_t) text.size(), 0, special);
    text.resize(std::max(n, 0));
    return text;
}

std::string model::piece(llama_token token) const {
    return piece_of(vocab, token, true);
}

std::string model::text_of(llama_token token) const {
    return texts.substr(offsets[token], offsets[token + 1] - offsets[token]);
}

void model::build_table() {
    const int32_t n = info.n_vocabulary;
    offsets.reserve(n + 1);
    for (llama_token token = 0; token < n; token++) {
        offsets.push_back((uint32_t) texts.size());
        texts += piece_of(vocab, token, false);
    }
    offsets.push_back((uint32_t) texts.size());

    for (llama_token token = 0; token < n; token++) {
        if (offsets[token + 1] > offsets[token] && !api.llama_vocab_is_eog(vocab, token) && !api.llama_vocab_is_control(vocab, token)) {
            sorted.push_back(token);
        }
    }
    const auto view = [this](llama_token token) {
        return std::string_view(texts).substr(offsets[token], offsets[token + 1] - offsets[token]);
    };
    std::sort(sorted.begin(), sorted.end(), [&](llama_token a, llama_token b) {
        const int order = view(a).compare(view(b));
        return order != 0 ? order < 0 : a < b;
    });
}

std::vector<llama_token> model::continuing(const std::string & forced) const {
    std::vector<llama_token> found;
    const auto view = [this](llama_token token) {
        return std::string_view(texts).substr(offsets[token], offsets[token + 1] - offsets[token]);
    };
    const auto first_from = [&](std::string_view text) {
        return std::lower_bound(sorted.begin(), sorted.end(), text, [&](llama_token token, std::string_view key) { return view(token) < key; });
    };
    for (size_t n = 1; n < forced.size(); n++) {
        const std::string_view start = std::string_view(forced).substr(0, n);
        for (auto it = first_from(start); it != sorted.end() && view(*it) == start; ++it) {
            found.push_back(*it);
        }
    }
    for (auto it = first_from(forced); it != sorted.end() && view(*it).substr(0, forced.size()) == forced; ++it) {
        found.push_back(*it);
    }
    return found;
}

llama_context * make_context(const model & owner, const llama_context_params & params, const std::string & what, const std::string & hint) {
    log_capture     captured;
    llama_context * context = nullptr;
    try {
        context = api.llama_init_from_model(owner.handle, params);
    } catch (const std::exception & error) {
        throw std::runtime_error(std::string("llama.cpp cannot make a context: ") + error.what());
    }
    if (!context) {
        const std::string reason = captured.errors();
        throw std::runtime_error("llama.cpp cannot make a context" + what + (reason.empty() ? hint : ": " + reason));
    }
    return context;
}

}
