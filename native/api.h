// The function table over llama.cpp's shared libraries, and the checks that they are the release we were compiled for.
// Nothing is linked: one binary of ours serves the cpu, vulkan, cuda and metal builds, whose file names differ.
// Models, contexts and N-API are not known here.
#pragma once

#include "ggml-backend.h"
#include "ggml-cpu.h"
#include "ggml.h"
#include "llama.h"

#include <string>
#include <vector>

// libggml-base
#define INGOT_BASE_FUNCTIONS(X)         \
    X(ggml_version)                     \
    X(ggml_commit)                      \
    X(ggml_set_abort_callback)          \
    X(ggml_type_name)                   \
    X(ggml_row_size)                    \
    X(ggml_blck_size)                   \
    X(ggml_get_type_traits)             \
    X(ggml_quantize_chunk)              \
    X(ggml_quantize_requires_imatrix)   \
    X(ggml_validate_row_data)           \
    X(ggml_fp16_to_fp32_row)            \
    X(ggml_fp32_to_fp16_row)            \
    X(ggml_bf16_to_fp32_row)            \
    X(ggml_fp32_to_bf16_row_ref)        \
    X(ggml_threadpool_params_default)   \
    X(ggml_nbytes)                      \
    X(ggml_backend_buffer_is_host)      \
    X(ggml_backend_tensor_get)          \
    X(ggml_backend_dev_name)            \
    X(ggml_backend_dev_description)     \
    X(ggml_backend_dev_memory)          \
    X(ggml_backend_dev_type)            \
    X(ggml_backend_dev_backend_reg)     \
    X(ggml_backend_reg_get_proc_address)

// libggml
#define INGOT_GGML_FUNCTIONS(X)         \
    X(ggml_backend_load_all_from_path)  \
    X(ggml_backend_reg_count)           \
    X(ggml_backend_dev_count)           \
    X(ggml_backend_dev_get)             \
    X(ggml_backend_dev_by_type)

// libllama
#define INGOT_LLAMA_FUNCTIONS(X)        \
    X(llama_backend_init)               \
    X(llama_log_set)                    \
    X(llama_print_system_info)          \
    X(llama_model_default_params)       \
    X(llama_context_default_params)     \
    X(llama_model_load_from_file)       \
    X(llama_model_free)                 \
    X(llama_model_get_vocab)            \
    X(llama_model_desc)                 \
    X(llama_model_size)                 \
    X(llama_model_n_params)             \
    X(llama_model_n_layer)              \
    X(llama_model_n_ctx_train)          \
    X(llama_model_n_embd_out)           \
    X(llama_model_n_swa)                \
    X(llama_model_has_decoder)          \
    X(llama_model_has_encoder)          \
    X(llama_model_is_recurrent)         \
    X(llama_model_is_hybrid)            \
    X(llama_model_chat_template)        \
    X(llama_init_from_model)            \
    X(llama_free)                       \
    X(llama_get_memory)                 \
    X(llama_memory_clear)               \
    X(llama_memory_seq_rm)              \
    X(llama_memory_seq_cp)              \
    X(llama_memory_seq_pos_max)         \
    X(llama_memory_seq_pos_min)         \
    X(llama_state_seq_get_size_ext)     \
    X(llama_state_seq_get_data_ext)     \
    X(llama_state_seq_set_data_ext)     \
    X(llama_set_abort_callback)         \
    X(llama_attach_threadpool)          \
    X(llama_set_n_threads)              \
    X(llama_decode)                     \
    X(llama_encode)                     \
    X(llama_synchronize)                \
    X(llama_get_logits_ith)             \
    X(llama_get_embeddings_seq)         \
    X(llama_vocab_type)                 \
    X(llama_vocab_n_tokens)             \
    X(llama_vocab_is_eog)               \
    X(llama_vocab_is_control)           \
    X(llama_vocab_get_add_bos)          \
    X(llama_vocab_get_suppress_tokens)  \
    X(llama_vocab_bos)                  \
    X(llama_vocab_eos)                  \
    X(llama_vocab_eot)                  \
    X(llama_vocab_fim_pre)              \
    X(llama_vocab_fim_suf)              \
    X(llama_vocab_fim_mid)              \
    X(llama_vocab_fim_pad)              \
    X(llama_vocab_fim_rep)              \
    X(llama_vocab_fim_sep)              \
    X(llama_tokenize)                   \
    X(llama_detokenize)                 \
    X(llama_token_to_piece)

namespace ingot {

struct function_table {
#define INGOT_MEMBER(f) decltype(&::f) f = nullptr;
    INGOT_BASE_FUNCTIONS(INGOT_MEMBER)
    INGOT_GGML_FUNCTIONS(INGOT_MEMBER)
    INGOT_LLAMA_FUNCTIONS(INGOT_MEMBER)
#undef INGOT_MEMBER

    // of the CPU backend, which is a plugin chosen at run time
    decltype(&::ggml_threadpool_new)  ggml_threadpool_new  = nullptr;
    decltype(&::ggml_threadpool_free) ggml_threadpool_free = nullptr;
};

// valid after open_libraries
extern function_table api;

struct device {
    std::string name;
    std::string description;
    bool        is_gpu;
    size_t      n_bytes_total;
    size_t      n_bytes_free;
};

// Opens the libraries of one folder, checks them, loads the backends. Throws std::runtime_error with one sentence.
// A second call with the same folder does nothing; with another one it throws.
void open_libraries(const std::string & dir, const std::string & variant, const std::string & abort_file);

// Throws std::invalid_argument when open_libraries has not succeeded.
void require_open_libraries();

std::vector<device> list_devices();

}
