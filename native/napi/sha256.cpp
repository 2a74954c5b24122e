// createSha256 of src/node/native.ts: each hash takes its calls one after the other on a thread of ours.
#include "../sha256.h"

#include "surface.h"
#include "thread_pool.h"
#include "values.h"

namespace ingot {

namespace {

// apart from those that quantize: whoever waits for a hash should not wait for rows as well
thread_pool & hashers = *new thread_pool;

// A hash and the calls that wait for it. Only one thread at a time is at work on it.
class running_hash : public std::enable_shared_from_this<running_hash> {
public:
    explicit running_hash(sha256 begun) : hash(std::move(begun)) {}

    void add(std::function<void(sha256 &)> job) {
        std::lock_guard<std::mutex> lock(mutex);
        jobs.push_back(std::move(job));
        if (!is_running) {
            is_running = true;
            hashers.submit([self = shared_from_this()] { self->run(); });
        }
    }

private:
    void run() {
        std::unique_lock<std::mutex> lock(mutex);
        while (!jobs.empty()) {
            const auto job = std::move(jobs.front());
            jobs.pop_front();
            lock.unlock();
            job(hash);
            lock.lock();
        }
        is_running = false;
    }

    sha256                                     hash;
    std::mutex                                 mutex;
    std::deque<std::function<void(sha256 &)>> jobs;
    bool                                       is_running = false;
};

using resolver = std::function<Napi::Value(Napi::Env)>;

// Runs `work` behind the calls before it; the promise resolves with what the function that it returns makes.
Napi::Promise promise_of(Napi::Env env, const std::shared_ptr<environment> & home, running_hash & hash, std::function<resolver(sha256 &)> work) {
    const auto deferred = Napi::Promise::Deferred::New(env);
    home->hold(env);
    home->begin_job();
    hash.add([home, deferred, work = std::move(work)](sha256 & state) {
        home->post([home, deferred, result = work(state)](Napi::Env env) {
            home->release(env);
            deferred.Resolve(result(env));
        });
        home->end_job();
    });
    return deferred.Promise();
}

std::vector<uint8_t> bytes_of(const Napi::Value & value, const char * name) {
    const auto view = view_of<Napi::Uint8Array>(value, name, napi_uint8_array);
    return { view.Data(), view.Data() + view.ByteLength() };
}

}

Napi::Value create_sha256(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home) {
    const Napi::Env env = info.Env();
    return guarded(env, "native/failed", [&]() -> Napi::Value {
        const Napi::Value state = info[0];
        sha256 begun = state.IsUndefined() ? sha256() : sha256(bytes_of(state, "state"));
        begun.plain  = flag_of(info[1], "plain");
        const auto   hash   = std::make_shared<running_hash>(std::move(begun));
        Napi::Object object = Napi::Object::New(env);
        object.Set("update", Napi::Function::New(env, [home, hash](const Napi::CallbackInfo & info) -> Napi::Value {
            return guarded(info.Env(), "native/failed", [&]() -> Napi::Value {
                const auto view = view_of<Napi::Uint8Array>(info[0], "bytes", napi_uint8_array);
                // read in place, as fs.write does: the reference keeps them, the caller must not change them
                const auto      held  = std::make_shared<Napi::Reference<Napi::Uint8Array>>(Napi::Persistent(view));
                const uint8_t * bytes = view.Data();
                const size_t    n     = view.ByteLength();
                // freed where the promise is resolved; when nobody comes to that any more it is left
                held->SuppressDestruct();
                return promise_of(info.Env(), home, *hash, [home, held, bytes, n](sha256 & state) -> resolver {
                    if (!home->stopping) {
                        state.update(bytes, n);
                    }
                    return [held](Napi::Env env) {
                        held->Reset();
                        return env.Undefined();
                    };
                });
            });
        }));
        object.Set("save", Napi::Function::New(env, [home, hash](const Napi::CallbackInfo & info) -> Napi::Value {
            return promise_of(info.Env(), home, *hash, [](sha256 & state) -> resolver {
                return [saved = state.save()](Napi::Env env) -> Napi::Value {
                    auto bytes = Napi::Uint8Array::New(env, saved.size());
                    std::copy(saved.begin(), saved.end(), bytes.Data());
                    return bytes;
                };
            });
        }));
        object.Set("digest", Napi::Function::New(env, [home, hash](const Napi::CallbackInfo & info) -> Napi::Value {
            return promise_of(info.Env(), home, *hash, [](sha256 & state) -> resolver {
                return [text = state.digest()](Napi::Env env) -> Napi::Value { return Napi::String::New(env, text); };
            });
        }));
        return object;
    });
}

}
