// A loop's parts on several threads; the caller's is one of them.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ingot {

// Calls part(i) for every i < n_parts, in no order. Rethrows what the first failing part threw; the others are then left out.
inline void parallel(int n_threads, int64_t n_parts, const std::function<void(int64_t)> & part) {
    std::atomic<int64_t> next{ 0 };
    std::exception_ptr   thrown;
    std::mutex           mutex;
    const auto run = [&] {
        for (int64_t i; (i = next++) < n_parts;) {
            try {
                part(i);
            } catch (...) {
                const std::lock_guard<std::mutex> lock(mutex);
                thrown = thrown ? thrown : std::current_exception();
                next   = n_parts;
            }
        }
    };
    std::vector<std::thread> others;
    for (int64_t i = 1; i < std::min<int64_t>(n_threads, n_parts); i++) {
        others.emplace_back(run);
    }
    run();
    for (std::thread & other : others) {
        other.join();
    }
    if (thrown) {
        std::rethrow_exception(thrown);
    }
}

}
