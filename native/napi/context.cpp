// The JavaScript object of a context (NativeContext, NativeTask in src/node/native.ts).
#include "context.h"

#include "surface.h"
#include "values.h"

namespace ingot {

namespace {

// Callbacks that run on other threads hold what belongs to JavaScript (references, and the owner of their own thread)
// by plain pointer: the closure that settles the promise deletes it, on the JavaScript thread. A shared pointer could
// be released last by the other thread, where a reference must not be freed and a thread cannot wait for itself.

// the JavaScript side of one generate call
struct task {
    task(Napi::Env env, std::shared_ptr<lanes> context) : context(std::move(context)), deferred(Napi::Promise::Deferred::New(env)) {}

    std::shared_ptr<lanes>  context; // alive until the promise is settled
    Napi::Promise::Deferred deferred;
    Napi::FunctionReference on_chunk;
    std::mutex              mutex;
    chunk                   pending; // chunks that came since JavaScript last looked become one
    bool                    is_scheduled = false;
};

void merge(chunk & into, chunk && next) {
    into.text += next.text;
    into.tokens.insert(into.tokens.end(), next.tokens.begin(), next.tokens.end());
    into.probabilities.insert(into.probabilities.end(), next.probabilities.begin(), next.probabilities.end());
    if (next.prompt_done >= 0) {
        into.prompt_done  = next.prompt_done;
        into.prompt_total = next.prompt_total;
    }
}

void deliver(Napi::Env env, task & t) {
    chunk c;
    {
        std::lock_guard<std::mutex> lock(t.mutex);
        if (!t.is_scheduled) {
            return;
        }
        t.is_scheduled = false;
        std::swap(c, t.pending);
    }
    Napi::Object object = Napi::Object::New(env);
    object.Set("text", Napi::String::New(env, c.text));
    object.Set("tokens", array_of(env, c.tokens));
    object.Set("probabilities", array_of(env, c.probabilities));
    if (c.prompt_done >= 0) {
        object.Set("promptDone", Napi::Number::New(env, c.prompt_done));
        object.Set("promptTotal", Napi::Number::New(env, c.prompt_total));
    }
    t.on_chunk.Call({ object });
}

const char * name_of(stop_reason reason) {
    switch (reason) {
        case stop_reason::end_of_generation: return "end-of-generation";
        case stop_reason::stop_token:        return "stop-token";
        case stop_reason::stop_text:         return "stop-text";
        case stop_reason::max_tokens:        return "max-tokens";
        case stop_reason::repetition:        return "repetition";
        case stop_reason::aborted:           return "aborted";
        case stop_reason::context_full:      return "context-full";
    }
    return "aborted";
}

Napi::Object to_object(Napi::Env env, const outcome & out) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("text", Napi::String::New(env, out.text));
    object.Set("tokens", array_of(env, out.tokens));
    object.Set("stop", Napi::String::New(env, name_of(out.stop)));
    if (out.stop == stop_reason::stop_text) {
        object.Set("stopText", Napi::String::New(env, out.stop_text));
    }
    if (out.stop == stop_reason::repetition) {
        object.Set("repeatedTokens", Napi::Number::New(env, out.n_repeated));
    }
    object.Set("promptTokens", Napi::Number::New(env, out.n_prompt));
    object.Set("promptSlices", Napi::Number::New(env, out.n_slices));
    object.Set("reusedTokens", Napi::Number::New(env, out.n_reused));
    object.Set("generatedTokens", Napi::Number::New(env, out.n_generated));
    object.Set("promptMs", Napi::Number::New(env, out.prompt_ms));
    object.Set("generateMs", Napi::Number::New(env, out.generate_ms));
    object.Set("confidence", Napi::Number::New(env, out.confidence));
    object.Set("preemptions", Napi::Number::New(env, out.n_preemptions));
    object.Set("draftedTokens", Napi::Number::New(env, out.n_drafted));
    object.Set("acceptedTokens", Napi::Number::New(env, out.n_accepted));
    return object;
}

generate_options parse_generate(const Napi::Object & o) {
    generate_options out;
    out.sequence                = integer_of(o, "sequence");
    out.priority                = integer_of(o, "priority");
    out.tokens                  = tokens_of(o.Get("tokens"), "tokens");
    out.max_tokens              = integer_of(o, "maxTokens");
    out.stop_tokens             = tokens_of(o.Get("stopTokens"), "stopTokens");
    out.banned_tokens           = tokens_of(o.Get("bannedTokens"), "bannedTokens");
    out.forced_prefix           = string_of(o, "forcedPrefix", "");
    out.n_draft                 = integer_of(o, "draftTokens", 0);
    out.lookup                  = tokens_of(o.Get("lookup"), "lookup");
    out.sampling.temperature    = (float) number_of(o, "temperature", 0.0);
    out.sampling.top_k          = integer_of(o, "topK", 0);
    out.sampling.top_p          = (float) number_of(o, "topP", 1.0);
    out.sampling.min_p          = (float) number_of(o, "minP", 0.0);
    out.sampling.repeat_penalty = (float) number_of(o, "repeatPenalty", 1.0);
    out.sampling.has_seed       = !o.Get("seed").IsUndefined();
    out.sampling.seed           = (uint32_t) (int64_t) number_of(o, "seed", 0.0);
    if (out.sampling.repeat_penalty <= 0.0f) {
        throw std::invalid_argument("repeatPenalty must be more than 0");
    }
    out.shown_tokens = tokens_of(o.Get("shownTokens"), "shownTokens");
    if (o.Get("heldTo").IsObject()) {
        out.held_to = parse_constraint(o.Get("heldTo").As<Napi::Object>());
        out.ends_repetition = flag_of(o.Get("heldTo").As<Napi::Object>(), "endsRepetition");
    }
    const Napi::Value stops = o.Get("stopTexts");
    if (stops.IsArray()) {
        const Napi::Array array = stops.As<Napi::Array>();
        for (uint32_t i = 0; i < array.Length(); i++) {
            out.stop_texts.push_back(Napi::Value(array[i]).ToString().Utf8Value());
        }
    }
    return out;
}

Napi::Value generate(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<lanes> & context) {
    const Napi::Env env = info.Env();
    return guarded(env, "native/failed", [&]() -> Napi::Value {
        auto owned = std::make_unique<task>(env, context);
        task * t   = owned.get();
        std::function<void(chunk)> on_chunk;
        if (info.Length() > 1 && info[1].IsFunction()) {
            t->on_chunk = Napi::Persistent(info[1].As<Napi::Function>());
            on_chunk    = [home, t](chunk c) {
                std::lock_guard<std::mutex> lock(t->mutex);
                merge(t->pending, std::move(c));
                if (!t->is_scheduled) {
                    t->is_scheduled = true;
                    home->post([t](Napi::Env env) { deliver(env, *t); });
                }
            };
        }
        const auto on_done = [home, t](outcome out) {
            home->post([home, t, out = std::move(out)](Napi::Env env) {
                const std::unique_ptr<task> owned(t);
                home->release(env);
                if (!out.error.empty()) {
                    t->deferred.Reject(make_error(env, "native/failed", out.error).Value());
                    return;
                }
                t->deferred.Resolve(to_object(env, out));
                deliver(env, *t); // before the promise's reactions, which are microtasks
            });
        };
        const Napi::Promise            done = t->deferred.Promise();
        const std::shared_ptr<request> r    = context->submit(parse_generate(object_at(info, 0)), on_chunk, on_done);
        owned.release();
        home->hold(env);

        Napi::Object object = Napi::Object::New(env);
        object.Set("done", done);
        object.Set("abort", Napi::Function::New(env, [context, r](const Napi::CallbackInfo & info) {
            const bool is_soft = info.Length() > 0 && flag_of(info[0], "afterSlice");
            context->abort(r, is_soft ? abort_kind::after_slice : abort_kind::at_once);
        }));
        return object;
    });
}

int32_t sequence_at(const Napi::CallbackInfo & info) {
    if (info.Length() < 1 || !info[0].IsNumber()) {
        throw std::invalid_argument("sequence must be a number");
    }
    return info[0].As<Napi::Number>().Int32Value();
}

Napi::Value save_sequence(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<lanes> & context) {
    return guarded(info.Env(), "native/failed", [&]() -> Napi::Value {
        const auto deferred = Napi::Promise::Deferred::New(info.Env());
        context->save_sequence(sequence_at(info), [home, deferred](saved_sequence saved) {
            home->post([home, deferred, saved = std::move(saved)](Napi::Env env) {
                home->release(env);
                if (saved.state.empty()) {
                    deferred.Resolve(env.Undefined());
                    return;
                }
                Napi::Object     object = Napi::Object::New(env);
                Napi::Uint8Array state  = Napi::Uint8Array::New(env, saved.state.size()); // Electron forbids memory of ours in it
                std::copy(saved.state.begin(), saved.state.end(), state.Data());
                object.Set("tokens", array_of(env, saved.tokens));
                object.Set("state", state);
                deferred.Resolve(object);
            });
        });
        home->hold(info.Env());
        return deferred.Promise();
    });
}

Napi::Value restore_sequence(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<lanes> & context) {
    return guarded(info.Env(), "native/failed", [&]() -> Napi::Value {
        if (info.Length() < 3 || !info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
            throw std::invalid_argument("restoreSequence takes a sequence, tokens and a Uint8Array");
        }
        const auto bytes    = info[2].As<Napi::Uint8Array>();
        const auto deferred = Napi::Promise::Deferred::New(info.Env());
        saved_sequence from{ tokens_of(info[1], "tokens"), { bytes.Data(), bytes.Data() + bytes.ByteLength() } };
        context->restore_sequence(sequence_at(info), std::move(from), [home, deferred](bool is_restored) {
            home->post([home, deferred, is_restored](Napi::Env env) {
                home->release(env);
                deferred.Resolve(Napi::Boolean::New(env, is_restored));
            });
        });
        home->hold(info.Env());
        return deferred.Promise();
    });
}

}

Napi::Object make_context_object(Napi::Env env, const std::shared_ptr<environment> & home, const std::shared_ptr<lanes> & context) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("generate", Napi::Function::New(env, [home, context](const Napi::CallbackInfo & info) { return generate(info, home, context); }));
    object.Set("sequenceLength", Napi::Function::New(env, [context](const Napi::CallbackInfo & info) -> Napi::Value {
        return guarded(info.Env(), "native/failed", [&] { return Napi::Number::New(info.Env(), context->sequence_length(sequence_at(info))); });
    }));
    object.Set("clearSequence", Napi::Function::New(env, [context](const Napi::CallbackInfo & info) {
        guarded(info.Env(), "native/failed", [&] { context->clear_sequence(sequence_at(info)); });
    }));
    object.Set("saveSequence", Napi::Function::New(env, [home, context](const Napi::CallbackInfo & info) { return save_sequence(info, home, context); }));
    object.Set("restoreSequence", Napi::Function::New(env, [home, context](const Napi::CallbackInfo & info) { return restore_sequence(info, home, context); }));
    object.Set("close", Napi::Function::New(env, [home, context](const Napi::CallbackInfo & info) -> Napi::Value {
        return home->run_to_promise(info.Env(), [context] { context->close(); });
    }));
    return object;
}

}
