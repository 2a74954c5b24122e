// What one step of a request does: a slice of its prompt, or one generated token with what follows from it (stop rules,
// healing, text that can be delivered), or several when a draft of them turns out right. Only the worker of lanes.h calls it.
#pragma once

#include "decoder.h"
#include "drafting.h"
#include "recent_logits.h"
#include "request.h"

#include <functional>
#include <memory>

namespace ingot {

class generator {
public:
    // is_idle: whether no request uses a sequence
    generator(std::shared_ptr<model> owner, decoder & work, std::function<bool(int32_t)> is_idle);

    // True when the request is over; its result then says why.
    bool step(request & r);

private:
    bool begin(request & r); // false: there is nothing to do
    bool end(request & r, stop_reason reason);
    int32_t slice_of(const request & r) const;
    enum class evaluated { done, again, over };
    evaluated evaluate(request & r, llama_token * tokens, int32_t n, int32_t n_logits);
    struct draft {
        std::vector<llama_token> tokens;
        int32_t                  n_matched = 0;
    };
    draft guess(request & r);
    bool step_token(request & r);
    bool verify(request & r, const draft & d);
    bool advance_known(request & r);
    bool advance(request & r, float * logits);
    sampler::choice choose_held(request & r, float * logits, const int32_t * tail, size_t n_tail);
    bool accept(request & r, llama_token token, float probability);
    std::string text_of(const request & r, llama_token token) const;

    const std::shared_ptr<model>       owner;
    decoder &                          work;
    const std::function<bool(int32_t)> is_idle;
    drafting                           drafts;
    recent_logits                      recent;
    std::vector<float>                 known_row; // being sampled from
};

}
