// What flows into a model's weights while it evaluates a text: the rows of activations that each weight matrix is
// multiplied with, handed to consumers on the thread that evaluates. Which multiplications count is llama-imatrix's
// rule: those with a matrix per expert, and those of at least 16 rows with weights of the layers.
#pragma once

#include "../api.h"

#include <exception>
#include <string>
#include <vector>

namespace ingot {

struct activations {
    const std::string & weight;    // the tensor's name in the file
    int64_t             n_columns; // values in a row: the weight's ne[0]
    int64_t             n_matrices; // of the weight; more than 1: stacked, or one per expert
    int64_t             matrix;     // which of them
    bool                is_routed;  // by a router: matrices see different numbers of rows
    const float *       rows;       // first row
    int64_t             n_rows;
    int64_t             stride;     // floats from one row to the next

    const float * row(int64_t i) const { return rows + i * stride; }
};

class activation_consumer {
public:
    virtual ~activation_consumer() = default;
    // Asked before the multiplication: without any consumer that wants it the rows are not looked at. What it did not want
    // once it may not want later: batches end at the last multiplication that was wanted in the batch before.
    virtual bool wants(const std::string & weight) = 0;
    // The rows are valid during the call. What it throws ends the evaluation and comes out of decode().
    virtual void take(const activations & a) = 0;
};

class tap {
public:
    // with_output: also the rows that output.weight sees
    tap(std::vector<activation_consumer *> consumers, bool with_output);

    // for llama_context_params::cb_eval, with the tap as user data
    static bool on_node(ggml_tensor * node, bool ask, void * self);

    // Before each batch. One that wants the same weights as the batch before ends behind the last of them: the product with
    // the vocabulary is saved, and its logits are none.
    void begin();

    // Throws what a consumer threw since the last time.
    void rethrow();

private:
    bool is_wanted(const ggml_tensor * node) const;
    void hand_out(const ggml_tensor * node);
    void hand_out_routed(const ggml_tensor * node, const std::string & weight, const char * data);
    void give(const activations & a);

    const std::vector<activation_consumer *> consumers;
    const bool                               with_output;
    std::vector<std::string>                 before; // weights that the last batch was asked for, in order
    std::vector<std::string>                 now;    // and this one, so far
    std::vector<char>                        copied; // of a device's memory
    std::vector<char>                        ids;
    std::vector<float>                       gathered;
    std::exception_ptr                       thrown;
};

}
