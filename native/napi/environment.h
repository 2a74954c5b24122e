// What belongs to one JavaScript environment (the main thread, or a worker thread of Node): the way back to its thread,
// the count of who waits, and an orderly end of all work before the libraries are unloaded.
#pragma once

#include "../closable.h"

#include <napi.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

namespace ingot {

class environment : public std::enable_shared_from_this<environment> {
public:
    using closure = std::function<void(Napi::Env)>;

    explicit environment(napi_env env);

    // Runs `what` on the JavaScript thread. Any thread; after the shutdown nothing happens.
    void post(closure what);

    // JavaScript thread: keep the event loop alive while somebody waits for a promise.
    void hold(napi_env env);
    void release(napi_env env);

    // Runs `what` on a thread of its own that the shutdown waits for.
    void start(std::function<void()> what);
    // the same for work on a thread of somebody else
    void begin_job();
    void end_job();

    // Runs `what` off the JavaScript thread; the promise resolves with undefined.
    Napi::Promise run_to_promise(Napi::Env env, std::function<void()> what);

    // closed by the shutdown
    void add(const std::shared_ptr<closable> & context);

    // Stops all work, so that the process can end without a thread inside the libraries. Any number of times.
    void shut_down();

    std::atomic<bool> stopping{ false };

private:
    static void run_closure(napi_env env, napi_value, void *, void * data);

    napi_threadsafe_function        to_js  = nullptr;
    int                             n_held = 0;
    std::mutex                      mutex;
    std::condition_variable         idle;
    int                             n_jobs    = 0;
    bool                            has_ended = false;
    std::list<std::weak_ptr<closable>> contexts;
};

// Makes the environment of this thread and has it shut down with it.
std::shared_ptr<environment> create_environment(Napi::Env env);

}
