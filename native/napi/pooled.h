// A promise for work on a thread pool.
#pragma once

#include "environment.h"
#include "failure.h"
#include "thread_pool.h"
#include "values.h"

#include <memory>

namespace ingot {

// `prepare` makes the work (a unique_ptr) on the JavaScript thread, `run` does it on a thread of the pool, `value` makes of it what the promise
// resolves with. What `prepare` throws is the caller's fault: `bug/internal`.
template <typename Prepare, typename Run, typename Value>
Napi::Value pooled(Napi::Env env, const std::shared_ptr<environment> & home, thread_pool & pool, Prepare prepare, Run run, Value value) {
    const auto deferred = Napi::Promise::Deferred::New(env);
    try {
        auto * work = prepare().release();
        home->hold(env);
        home->begin_job();
        pool.submit([home, deferred, work, run, value] {
            const auto failed = failure_of("data/checkpoint", [&] { run(*work); });
            home->post([home, deferred, work, value, failed](Napi::Env env) {
                const decltype(prepare()) owned(work);
                home->release(env);
                if (failed) {
                    deferred.Reject(make_error(env, failed->code, failed->message).Value());
                } else {
                    deferred.Resolve(value(env, *work));
                }
            });
            home->end_job();
        });
    } catch (const std::exception & error) {
        deferred.Reject(make_error(env, "bug/internal", error.what()).Value());
    }
    return deferred.Promise();
}

}
