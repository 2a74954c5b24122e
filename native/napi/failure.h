// What a native exception becomes for JavaScript: the one place that maps kinds of them to codes.
#pragma once

#include "../lab/evaluator.h"
#include "../quantize.h"

#include <optional>
#include <string>

namespace ingot {

struct failure {
    const char * code; // one of ErrorCode in src/base/errors.ts
    std::string  message;
};

// Runs `work` and catches what it throws. `damaged`: the code for values that are no finite numbers, by where they came from.
template <typename F> std::optional<failure> failure_of(const char * damaged, F work) {
    try {
        work();
        return std::nullopt;
    } catch (const cancelled_error & e) {
        return failure{ "cancelled", e.what() };
    } catch (const not_finite_error & e) {
        return failure{ damaged, e.what() };
    } catch (const std::exception & e) {
        return failure{ "native/failed", e.what() };
    }
}

}
