// see environment.h
#include "environment.h"

#include "../log.h"

#include <chrono>
#include <stdexcept>
#include <thread>

namespace ingot {

environment::environment(napi_env env) {
    const napi_value  name   = Napi::String::New(env, "ingot");
    const napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, run_closure, &to_js);
    if (status != napi_ok) {
        throw std::runtime_error("Node has no thread-safe function for the addon");
    }
    napi_unref_threadsafe_function(env, to_js);
}

void environment::post(closure what) {
    std::lock_guard<std::mutex> lock(mutex);
    if (!has_ended) {
        napi_call_threadsafe_function(to_js, new closure(std::move(what)), napi_tsfn_nonblocking);
    }
}

void environment::hold(napi_env env) {
    if (n_held++ == 0) {
        napi_ref_threadsafe_function(env, to_js);
    }
}

void environment::release(napi_env env) {
    if (--n_held == 0) {
        napi_unref_threadsafe_function(env, to_js);
    }
}

void environment::start(std::function<void()> what) {
    begin_job();
    std::thread([self = shared_from_this(), what = std::move(what)] {
        what();
        self->end_job();
    }).detach();
}

void environment::begin_job() {
    std::lock_guard<std::mutex> lock(mutex);
    n_jobs++;
}

void environment::end_job() {
    std::lock_guard<std::mutex> lock(mutex);
    n_jobs--;
    idle.notify_all();
}

Napi::Promise environment::run_to_promise(Napi::Env env, std::function<void()> what) {
    const auto deferred = Napi::Promise::Deferred::New(env);
    hold(env);
    start([self = shared_from_this(), deferred, what = std::move(what)] {
        what();
        self->post([self, deferred](Napi::Env env) {
            self->release(env);
            deferred.Resolve(env.Undefined());
        });
    });
    return deferred.Promise();
}

void environment::add(const std::shared_ptr<closable> & context) {
    std::lock_guard<std::mutex> lock(mutex);
    contexts.remove_if([](const auto & c) { return c.expired(); });
    contexts.push_back(context);
}

void environment::shut_down() {
    stopping = true;
    std::list<std::weak_ptr<closable>> open;
    {
        std::lock_guard<std::mutex> lock(mutex);
        has_ended = true;
        open      = contexts;
    }
    for (const auto & weak : open) {
        if (const auto context = weak.lock()) {
            context->close();
        }
    }
    // a load may sit in the kernel, faulting in a huge file: better to leave it than to hang
    std::unique_lock<std::mutex> lock(mutex);
    idle.wait_for(lock, std::chrono::seconds(2), [this] { return n_jobs == 0; });
}

void environment::run_closure(napi_env env, napi_value, void *, void * data) {
    auto * what = (closure *) data;
    if (!env) {
        return; // torn down: its references cannot be freed any more, so it is left
    }
    const std::unique_ptr<closure> owned(what);
    try {
        (*what)(env);
    } catch (const Napi::Error & error) {
        error.ThrowAsJavaScriptException(); // a listener threw: an uncaught exception
    }
}

std::shared_ptr<environment> create_environment(Napi::Env env) {
    const auto home = std::make_shared<environment>(env);
    const auto end = [home] {
        log_set_listener(nullptr);
        home->shut_down();
    };
    env.AddCleanupHook(end); // a worker thread that is terminated, or a host that frees its environment
    // process.exit() runs no cleanup hooks, only this event. atexit would be too late: llama.cpp has static tables
    // that are made when they are first needed, and those are destroyed before anything registered earlier runs.
    const Napi::Value process_object = env.Global().Get("process");
    if (process_object.IsObject() && process_object.As<Napi::Object>().Get("on").IsFunction()) {
        const Napi::Object object = process_object.As<Napi::Object>();
        object.Get("on").As<Napi::Function>().Call(object, { Napi::String::New(env, "exit"), Napi::Function::New(env, [end](const Napi::CallbackInfo &) { end(); }) });
    }
    return home;
}

}
