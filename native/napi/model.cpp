// The JavaScript object of a model, and loading one (NativeModel, loadModel in src/node/native.ts).
#include "model.h"

#include "context.h"
#include "embedder.h"
#include "surface.h"
#include "values.h"

namespace ingot {

namespace {

// tells our objects from those that others wrap something in
const napi_type_tag MODEL_TAG = { 0x1f6c0a4be2d94e07, 0x9c35d7b81a2f4e66 };

void wrap(Napi::Object object, const std::shared_ptr<model_holder> & holder) {
    auto *     owned = new std::shared_ptr<model_holder>(holder);
    const auto free  = [](napi_env, void * data, void *) { delete (std::shared_ptr<model_holder> *) data; };
    if (napi_wrap(object.Env(), object, owned, free, nullptr, nullptr) != napi_ok || napi_type_tag_object(object.Env(), object, &MODEL_TAG) != napi_ok) {
        throw std::runtime_error("Node cannot hold the model");
    }
}

llama_token token_at(const Napi::CallbackInfo & info, const model & m) {
    if (info.Length() < 1 || !info[0].IsNumber() || !m.is_token(info[0].As<Napi::Number>().Int32Value())) {
        throw std::invalid_argument("The token is not in the vocabulary");
    }
    return info[0].As<Napi::Number>().Int32Value();
}

Napi::Object make_info_object(Napi::Env env, const model & m) {
    const model_info & i = m.info;
    Napi::Object object = Napi::Object::New(env);
    object.Set("description", Napi::String::New(env, i.description));
    object.Set("nParameters", Napi::Number::New(env, (double) i.n_parameters));
    object.Set("sizeBytes", Napi::Number::New(env, (double) i.n_bytes));
    object.Set("nVocabulary", Napi::Number::New(env, i.n_vocabulary));
    object.Set("nLayers", Napi::Number::New(env, i.n_layers));
    object.Set("trainedContextTokens", Napi::Number::New(env, i.n_trained_context));
    object.Set("nLayersOffloaded", Napi::Number::New(env, i.n_layers_offloaded));
    object.Set("deviceName", Napi::String::New(env, i.device_name));
    object.Set("addBos", Napi::Boolean::New(env, i.add_bos));
    object.Set("chatTemplate", i.has_chat_template ? (Napi::Value) Napi::String::New(env, i.chat_template) : env.Undefined());
    object.Set("canTrim", Napi::Boolean::New(env, i.can_trim));
    Napi::Object special = Napi::Object::New(env);
    special.Set("bos", Napi::Number::New(env, api.llama_vocab_bos(m.vocab)));
    special.Set("eos", Napi::Number::New(env, api.llama_vocab_eos(m.vocab)));
    special.Set("eot", Napi::Number::New(env, api.llama_vocab_eot(m.vocab)));
    special.Set("fimPrefix", Napi::Number::New(env, api.llama_vocab_fim_pre(m.vocab)));
    special.Set("fimSuffix", Napi::Number::New(env, api.llama_vocab_fim_suf(m.vocab)));
    special.Set("fimMiddle", Napi::Number::New(env, api.llama_vocab_fim_mid(m.vocab)));
    special.Set("fimPad", Napi::Number::New(env, api.llama_vocab_fim_pad(m.vocab)));
    special.Set("fimRepository", Napi::Number::New(env, api.llama_vocab_fim_rep(m.vocab)));
    special.Set("fimSeparator", Napi::Number::New(env, api.llama_vocab_fim_sep(m.vocab)));
    object.Set("special", special);
    return object;
}

// closed before the weights are freed, and by the shutdown
void keep(const std::shared_ptr<closable> & made, const std::shared_ptr<environment> & home, model_holder & holder) {
    home->add(made);
    holder.contexts.remove_if([](const auto & c) { return c.expired(); });
    holder.contexts.push_back(made);
}

Napi::Value create_context(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<model_holder> & holder) {
    return guarded(info.Env(), "engine/load", [&]() -> Napi::Value {
        holder->get();
        const Napi::Object o = object_at(info, 0);
        const context_options options = { integer_of(o, "contextTokens"), integer_of(o, "nSequences"), integer_of(o, "sliceTokens"), integer_of(o, "threads"),
                                          number_of(o, "sliceMs", 0.0) };
        const auto context = std::make_shared<lanes>(holder->loaded, options);
        keep(context, home, *holder);
        return make_context_object(info.Env(), home, context);
    });
}

Napi::Value create_embedder(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<model_holder> & holder) {
    return guarded(info.Env(), "engine/load", [&]() -> Napi::Value {
        holder->get();
        const auto made = std::make_shared<embedder>(holder->loaded, parse_embedder(object_at(info, 0)));
        keep(made, home, *holder);
        return make_embedder_object(info.Env(), home, made);
    });
}

Napi::Value close_model(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<model_holder> & holder) {
    if (holder->is_closed) {
        return home->run_to_promise(info.Env(), [] {});
    }
    holder->is_closed = true;
    return home->run_to_promise(info.Env(), [holder] {
        for (const auto & weak : holder->contexts) {
            if (const auto context = weak.lock()) {
                context->close();
            }
        }
        holder->loaded->free_weights();
    });
}

Napi::Object make_model_object(Napi::Env env, const std::shared_ptr<environment> & home, const std::shared_ptr<model> & loaded) {
    const auto holder = std::make_shared<model_holder>();
    holder->loaded    = loaded;

    Napi::Object object = Napi::Object::New(env);
    object.Set("info", make_info_object(env, *loaded));
    object.Set("tokenize", Napi::Function::New(env, [holder](const Napi::CallbackInfo & info) -> Napi::Value {
        return guarded(info.Env(), "native/failed", [&] {
            if (info.Length() < 1 || !info[0].IsString()) {
                throw std::invalid_argument("text must be a string");
            }
            const Napi::Value options = info.Length() > 1 ? info[1] : info.Env().Undefined();
            return array_of(info.Env(), holder->get().tokenize(info[0].As<Napi::String>().Utf8Value(), flag_of(options, "addSpecial"), flag_of(options, "parseSpecial")));
        });
    }));
    object.Set("detokenize", Napi::Function::New(env, [holder](const Napi::CallbackInfo & info) -> Napi::Value {
        return guarded(info.Env(), "native/failed", [&] {
            const std::vector<llama_token> tokens = tokens_of(info.Length() > 0 ? info[0] : info.Env().Undefined(), "tokens");
            for (llama_token token : tokens) {
                if (!holder->get().is_token(token)) {
                    throw std::invalid_argument("Token " + std::to_string(token) + " is not in the vocabulary");
                }
            }
            return Napi::String::New(info.Env(), holder->get().detokenize(tokens, info.Length() > 1 && flag_of(info[1], "special")));
        });
    }));
    object.Set("piece", Napi::Function::New(env, [holder](const Napi::CallbackInfo & info) -> Napi::Value {
        return guarded(info.Env(), "native/failed", [&] { return Napi::String::New(info.Env(), holder->get().piece(token_at(info, holder->get()))); });
    }));
    object.Set("isEndOfGeneration", Napi::Function::New(env, [holder](const Napi::CallbackInfo & info) -> Napi::Value {
        return guarded(info.Env(), "native/failed", [&] { return Napi::Boolean::New(info.Env(), api.llama_vocab_is_eog(holder->get().vocab, token_at(info, holder->get()))); });
    }));
    object.Set("isControl", Napi::Function::New(env, [holder](const Napi::CallbackInfo & info) -> Napi::Value {
        return guarded(info.Env(), "native/failed", [&] { return Napi::Boolean::New(info.Env(), api.llama_vocab_is_control(holder->get().vocab, token_at(info, holder->get()))); });
    }));
    object.Set("createContext", Napi::Function::New(env, [home, holder](const Napi::CallbackInfo & info) { return create_context(info, home, holder); }));
    object.Set("createEmbedder", Napi::Function::New(env, [home, holder](const Napi::CallbackInfo & info) { return create_embedder(info, home, holder); }));
    object.Set("close", Napi::Function::New(env, [home, holder](const Napi::CallbackInfo & info) { return close_model(info, home, holder); }));
    add_lab(env, object, home, holder);
    wrap(object, holder);
    return object;
}

}

std::shared_ptr<model_holder> holder_of(const Napi::Value & value) {
    bool   is_model = false;
    void * data     = nullptr;
    if (!value.IsObject() || napi_check_object_type_tag(value.Env(), value, &MODEL_TAG, &is_model) != napi_ok || !is_model ||
        napi_unwrap(value.Env(), value, &data) != napi_ok) {
        throw std::invalid_argument("That is no model of loadModel");
    }
    return *(std::shared_ptr<model_holder> *) data;
}

Napi::Value load_model(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home) {
    const Napi::Env env = info.Env();
    return guarded(env, "engine/load", [&]() -> Napi::Value {
        require_open_libraries();
        const Napi::Object o = object_at(info, 0);
        const load_options options = { string_of(o, "path"), integer_of(o, "gpuLayers"), flag_of(o, "vocabOnly") };

        const auto aborted  = std::make_shared<std::atomic<bool>>(false);
        const auto deferred = Napi::Promise::Deferred::New(env);
        Napi::FunctionReference * on_progress = nullptr; // deleted by the closure that settles the promise
        if (info.Length() > 1 && info[1].IsFunction()) {
            on_progress = new Napi::FunctionReference(Napi::Persistent(info[1].As<Napi::Function>()));
        }
        home->hold(env);
        home->start([home, aborted, deferred, options, on_progress] {
            std::shared_ptr<model> loaded;
            std::string            error;
            int                    shown = -1; // percent: llama.cpp reports every tensor
            try {
                loaded = model::load(options, *aborted, [&](float fraction) {
                    if (home->stopping) {
                        *aborted = true;
                    }
                    const int percent = (int) (fraction * 100.0f);
                    if (on_progress && percent != shown) {
                        shown = percent;
                        home->post([on_progress, fraction](Napi::Env env) { on_progress->Call({ Napi::Number::New(env, fraction) }); });
                    }
                });
            } catch (const std::exception & e) {
                error = e.what();
            }
            home->post([home, aborted, deferred, on_progress, loaded, error](Napi::Env env) {
                delete on_progress;
                home->release(env);
                if (loaded) {
                    deferred.Resolve(make_model_object(env, home, loaded));
                } else {
                    deferred.Reject(make_error(env, *aborted ? "cancelled" : "engine/load", error).Value());
                }
            });
        });

        Napi::Object object = Napi::Object::New(env);
        object.Set("done", deferred.Promise());
        object.Set("abort", Napi::Function::New(env, [aborted](const Napi::CallbackInfo &) { *aborted = true; }));
        return object;
    });
}

}
