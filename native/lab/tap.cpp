// see tap.h
#include "tap.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace ingot {

namespace {

// below that many rows an evaluation is no part of a text
const int64_t N_ROWS_LEAST = 16;

// "CUDA0#blk.0.attn_k.weight#0" is how the scheduler names its copy of a weight
std::string name_in_file(const char * name) {
    const char * begin = strchr(name, '#');
    if (!begin) {
        return name;
    }
    const char * end = strchr(++begin, '#');
    return end ? std::string(begin, end) : std::string(begin);
}

bool starts_with(const std::string & text, const char * start) {
    return text.rfind(start, 0) == 0;
}

}

tap::tap(std::vector<activation_consumer *> consumers_, bool with_output_) : consumers(std::move(consumers_)), with_output(with_output_) {}

bool tap::on_node(ggml_tensor * node, bool ask, void * user) {
    auto * self = (tap *) user;
    if (self->thrown) {
        return false;
    }
    try {
        if (ask) {
            return self->is_wanted(node);
        }
        self->hand_out(node);
        self->now.push_back(name_in_file(node->src[0]->name));
        return self->now != self->before; // with false the rest of the graph is left out
    } catch (...) {
        self->thrown = std::current_exception(); // no exception may pass through llama.cpp
        return false;
    }
}

void tap::begin() {
    before.swap(now);
    now.clear();
}

void tap::rethrow() {
    if (thrown) {
        now.clear(); // it was cut short
        const std::exception_ptr error = thrown;
        thrown = nullptr;
        std::rethrow_exception(error);
    }
}

bool tap::is_wanted(const ggml_tensor * node) const {
    if (node->op != GGML_OP_MUL_MAT && node->op != GGML_OP_MUL_MAT_ID) {
        return false;
    }
    const std::string weight = name_in_file(node->src[0]->name);
    if (node->op == GGML_OP_MUL_MAT) {
        const ggml_tensor * input = node->src[1];
        if (input->ne[1] < N_ROWS_LEAST || input->type != GGML_TYPE_F32) {
            return false;
        }
        if (!starts_with(weight, "blk.") && !(with_output && weight == "output.weight")) {
            return false;
        }
    }
    return std::any_of(consumers.begin(), consumers.end(), [&](activation_consumer * c) { return c->wants(weight); });
}

void tap::give(const activations & a) {
    for (activation_consumer * consumer : consumers) {
        if (consumer->wants(a.weight)) {
            consumer->take(a);
        }
    }
}

void tap::hand_out(const ggml_tensor * node) {
    const ggml_tensor * matrices = node->src[0];
    const ggml_tensor * input    = node->src[1];
    const std::string   weight   = name_in_file(matrices->name);
    if (input->type != GGML_TYPE_F32 || input->nb[0] != sizeof(float)) {
        throw std::runtime_error("The activations of " + weight + " are not rows of floats");
    }
    const char * data = (const char *) input->data;
    if (!api.ggml_backend_buffer_is_host(input->buffer)) {
        copied.resize(api.ggml_nbytes(input));
        api.ggml_backend_tensor_get(input, copied.data(), 0, copied.size());
        data = copied.data();
    }
    if (node->op == GGML_OP_MUL_MAT_ID) {
        hand_out_routed(node, weight, data);
        return;
    }
    for (int64_t i3 = 0; i3 < input->ne[3]; i3++) {
        for (int64_t i2 = 0; i2 < input->ne[2]; i2++) {
            // a stack of inputs goes round the stack of matrices, or all through the one there is
            const int64_t matrix = (i3 % matrices->ne[3]) * matrices->ne[2] + i2 % matrices->ne[2];
            const auto *  rows   = (const float *) (data + i2 * input->nb[2] + i3 * input->nb[3]);
            give({ weight, input->ne[0], matrices->ne[2] * matrices->ne[3], matrix, false, rows, input->ne[1], (int64_t) (input->nb[1] / sizeof(float)) });
        }
    }
}

// input: [columns, inputs per token, tokens], ids: [experts per token, tokens]. The rows of an expert are gathered, slot by
// slot as llama-imatrix adds them up.
void tap::hand_out_routed(const ggml_tensor * node, const std::string & weight, const char * data) {
    const ggml_tensor * input  = node->src[1];
    const ggml_tensor * chosen = node->src[2];
    const int64_t       n_experts = node->src[0]->ne[2];
    const int64_t       n_columns = input->ne[0];
    if (input->ne[3] != 1 || chosen->ne[1] != input->ne[2]) {
        throw std::runtime_error("The activations of " + weight + " have a shape that is not known");
    }
    ids.resize(api.ggml_nbytes(chosen));
    api.ggml_backend_tensor_get(chosen, ids.data(), 0, ids.size());

    std::vector<std::vector<const float *>> rows_of(n_experts);
    for (int64_t slot = 0; slot < chosen->ne[0]; slot++) {
        for (int64_t token = 0; token < input->ne[2]; token++) {
            const int32_t expert = *(const int32_t *) (ids.data() + token * chosen->nb[1] + slot * chosen->nb[0]);
            if (expert < 0 || expert >= n_experts) {
                throw std::runtime_error("The router of " + weight + " chose an expert that there is not");
            }
            rows_of[expert].push_back((const float *) (data + (slot % input->ne[1]) * input->nb[1] + token * input->nb[2]));
        }
    }
    for (int64_t expert = 0; expert < n_experts; expert++) {
        const auto & rows = rows_of[expert];
        gathered.resize(rows.size() * n_columns);
        for (size_t i = 0; i < rows.size(); i++) {
            memcpy(gathered.data() + i * n_columns, rows[i], n_columns * sizeof(float));
        }
        // also without rows: who counts has to know of every expert
        give({ weight, n_columns, n_experts, expert, true, gathered.data(), (int64_t) rows.size(), n_columns });
    }
}

}
