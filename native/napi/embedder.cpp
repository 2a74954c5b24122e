// The JavaScript object of an embedder (NativeEmbedder, NativeEmbedTask in src/node/native.ts).
#include "embedder.h"

#include "values.h"

namespace ingot {

namespace {

// The JavaScript side of one batch; by plain pointer, because the worker must not be the last to hold its owner.
struct task {
    task(Napi::Env env, std::shared_ptr<embedder> owner) : owner(std::move(owner)), deferred(Napi::Promise::Deferred::New(env)) {}

    std::shared_ptr<embedder> owner; // alive until the promise is settled
    Napi::Promise::Deferred   deferred;
};

std::vector<std::vector<llama_token>> texts_of(const Napi::Value & value) {
    if (!value.IsArray()) {
        throw std::invalid_argument("texts must be an array of arrays of token ids");
    }
    const Napi::Array array = value.As<Napi::Array>();
    std::vector<std::vector<llama_token>> texts;
    for (uint32_t i = 0; i < array.Length(); i++) {
        texts.push_back(tokens_of(array[i], "texts"));
    }
    return texts;
}

Napi::Value embed(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<embedder> & made) {
    const Napi::Env env = info.Env();
    return guarded(env, "native/failed", [&]() -> Napi::Value {
        auto   owned = std::make_unique<task>(env, made);
        task * t     = owned.get();
        const auto on_done = [home, t](embedded out) {
            home->post([home, t, out = std::move(out)](Napi::Env env) {
                const std::unique_ptr<task> owned(t);
                home->release(env);
                if (!out.error.empty()) {
                    t->deferred.Reject(make_error(env, "native/failed", out.error).Value());
                } else if (out.is_aborted) {
                    t->deferred.Resolve(env.Undefined());
                } else {
                    Napi::Float32Array values = Napi::Float32Array::New(env, out.values.size());
                    std::copy(out.values.begin(), out.values.end(), values.Data());
                    t->deferred.Resolve(values);
                }
            });
        };
        const Napi::Promise done       = t->deferred.Promise();
        const auto          is_aborted = made->submit(texts_of(info.Length() > 0 ? info[0] : env.Undefined()), on_done);
        owned.release();
        home->hold(env);

        Napi::Object object = Napi::Object::New(env);
        object.Set("done", done);
        object.Set("abort", Napi::Function::New(env, [is_aborted](const Napi::CallbackInfo &) { *is_aborted = true; }));
        return object;
    });
}

}

embedder_options parse_embedder(const Napi::Object & o) {
    const std::string pooling = string_of(o, "pooling");
    embedder_options  options = { integer_of(o, "maxTokens"), integer_of(o, "maxTexts"), LLAMA_POOLING_TYPE_MEAN };
    if (pooling == "cls") {
        options.pooling = LLAMA_POOLING_TYPE_CLS;
    } else if (pooling == "last") {
        options.pooling = LLAMA_POOLING_TYPE_LAST;
    } else if (pooling != "mean") {
        throw std::invalid_argument("pooling must be mean, cls or last");
    }
    return options;
}

Napi::Object make_embedder_object(Napi::Env env, const std::shared_ptr<environment> & home, const std::shared_ptr<embedder> & made) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("dimensions", Napi::Number::New(env, made->dimensions()));
    object.Set("embed", Napi::Function::New(env, [home, made](const Napi::CallbackInfo & info) { return embed(info, home, made); }));
    object.Set("close", Napi::Function::New(env, [home, made](const Napi::CallbackInfo & info) -> Napi::Value {
        return home->run_to_promise(info.Env(), [made] { made->close(); });
    }));
    return object;
}

}
