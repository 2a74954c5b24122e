// What one step of a request does: a slice of its prompt, or one generated token with what follows from it (stop rules,
// healing, text that can be delivered). Only the worker of lanes.h calls it.
#pragma once

#include "decoder.h"
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
    void begin(request & r);
    bool end(request & r, stop_reason reason);
    enum class evaluated { done, again, over };
    evaluated evaluate(request & r, int32_t n, bool with_logits);
    bool advance(request & r);
    bool accept(request & r, llama_token token, float probability);

    const std::shared_ptr<model>       owner;
    decoder &                          work;
    const std::function<bool(int32_t)> is_idle;
};

}
