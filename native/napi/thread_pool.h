// Threads for pure computation: as many as the machine has, because it scales with them, and libuv has four for everything.
// Never ended: they sleep when there is nothing.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace ingot {

class thread_pool {
public:
    void submit(std::function<void()> job) {
        std::lock_guard<std::mutex> lock(mutex);
        jobs.push_back(std::move(job));
        const unsigned n_max = std::max(1u, std::thread::hardware_concurrency());
        if (n_idle < jobs.size() && n_threads < n_max) {
            n_threads++;
            std::thread([this] { run(); }).detach();
        }
        wake.notify_one();
    }

private:
    void run() {
        std::unique_lock<std::mutex> lock(mutex);
        while (true) {
            n_idle++;
            wake.wait(lock, [this] { return !jobs.empty(); });
            n_idle--;
            const std::function<void()> job = std::move(jobs.front());
            jobs.pop_front();
            lock.unlock();
            job();
            lock.lock();
        }
    }

    std::mutex                        mutex;
    std::condition_variable           wake;
    std::deque<std::function<void()>> jobs;
    unsigned                          n_threads = 0;
    size_t                            n_idle    = 0;
};

}
