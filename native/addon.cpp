// The entry point: puts the surface of src/node/native.ts together. Only this file and napi/ know N-API. Work runs on its
// own threads, never on libuv's; results come back through one thread-safe function per environment.
#include "api.h"
#include "log.h"
#include "napi/environment.h"
#include "napi/surface.h"
#include "napi/values.h"
#include "quantize.h"
#include "sha256.h"

using namespace ingot;

namespace {

Napi::Value open(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return guarded(env, "env/binary", [&]() -> Napi::Value {
        const Napi::Object o = object_at(info, 0);
        open_libraries(string_of(o, "dir"), string_of(o, "variant"), string_of(o, "abortFile", ""));
        Napi::Object object = Napi::Object::New(env);
        object.Set("release", Napi::String::New(env, INGOT_RELEASE));
        object.Set("systemInfo", Napi::String::New(env, api.llama_print_system_info()));
        return object;
    });
}

Napi::Value devices(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return guarded(env, "native/failed", [&]() -> Napi::Value {
        require_open_libraries();
        Napi::Array array = Napi::Array::New(env);
        for (const device & d : list_devices()) {
            Napi::Object object = Napi::Object::New(env);
            object.Set("name", Napi::String::New(env, d.name));
            object.Set("description", Napi::String::New(env, d.description));
            object.Set("type", Napi::String::New(env, d.is_gpu ? "gpu" : "cpu"));
            object.Set("memoryBytes", Napi::Number::New(env, (double) d.n_bytes_total));
            object.Set("freeBytes", Napi::Number::New(env, (double) d.n_bytes_free));
            array.Set(array.Length(), object);
        }
        return array;
    });
}

void set_log(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home) {
    if (info.Length() < 1 || !info[0].IsFunction()) {
        log_set_listener(nullptr);
        return;
    }
    struct log_state {
        Napi::FunctionReference listener;
        std::mutex              mutex;
        std::vector<log_line>   lines; // waiting for one trip to JavaScript together
    };
    const auto state = std::make_shared<log_state>();
    state->listener  = Napi::Persistent(info[0].As<Napi::Function>());
    // the reference must not be freed on a logging thread
    state->listener.SuppressDestruct();
    log_set_listener([home, state](const log_line & line) {
        std::lock_guard<std::mutex> lock(state->mutex);
        state->lines.push_back(line);
        if (state->lines.size() > 1) {
            return;
        }
        home->post([state](Napi::Env env) {
            std::vector<log_line> lines;
            {
                std::lock_guard<std::mutex> lock(state->mutex);
                lines.swap(state->lines);
            }
            for (const log_line & l : lines) {
                state->listener.Call({ Napi::Number::New(env, l.level), Napi::String::New(env, l.text) });
            }
        });
    });
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
    const auto home = create_environment(env);

    Napi::Object build = Napi::Object::New(env);
    build.Set("release", Napi::String::New(env, INGOT_RELEASE));
    build.Set("commit", Napi::String::New(env, INGOT_COMMIT));
    build.Set("abi", Napi::Number::New(env, INGOT_ABI));
    exports.Set("build", build);
    exports.Set("open", Napi::Function::New(env, open));
    exports.Set("devices", Napi::Function::New(env, devices));
    exports.Set("setLog", Napi::Function::New(env, [home](const Napi::CallbackInfo & info) { set_log(info, home); }));
    exports.Set("loadModel", Napi::Function::New(env, [home](const Napi::CallbackInfo & info) { return load_model(info, home); }));
    exports.Set("quantizeRows", Napi::Function::New(env, [home](const Napi::CallbackInfo & info) { return quantize(info, home); }));
    exports.Set("rowErrors", Napi::Function::New(env, [home](const Napi::CallbackInfo & info) { return row_errors(info, home); }));
    exports.Set("checkGrammar", Napi::Function::New(env, check_grammar));
    exports.Set("shortestEnds", Napi::Function::New(env, shortest_ends));
    exports.Set("hasShaInstructions", Napi::Boolean::New(env, sha256_has_instructions()));
    exports.Set("createSha256", Napi::Function::New(env, [home](const Napi::CallbackInfo & info) { return create_sha256(info, home); }));
    exports.Set("rowBytes", Napi::Function::New(env, [](const Napi::CallbackInfo & info) -> Napi::Value {
        return guarded(info.Env(), "native/failed", [&] {
            require_open_libraries();
            if (info.Length() < 2 || !info[0].IsString() || !info[1].IsNumber()) {
                throw std::invalid_argument("rowBytes takes a type and a row length");
            }
            return Napi::Number::New(info.Env(), (double) row_bytes(parse_type(info[0].As<Napi::String>().Utf8Value()), info[1].As<Napi::Number>().Int64Value()));
        });
    }));
    return exports;
}

}

NODE_API_MODULE(ingot, init)
