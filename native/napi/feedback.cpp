// NativeFeedback of src/node/nativeFeedback.ts: rows quantized with error feedback, on threads of our own.
#include "../feedback/feedback.h"

#include "../api.h"
#include "pooled.h"
#include "surface.h"

namespace ingot {

namespace {

thread_pool & feeders = *new thread_pool;

// JavaScript thread only
struct feedback_holder {
    std::shared_ptr<feedback> found;

    feedback & get() const {
        if (!found) {
            throw std::invalid_argument("The calibration is closed");
        }
        return *found;
    }
};

struct feed_work {
    quantize_job                      job{};
    std::string                       weight;
    std::shared_ptr<feedback>         found;
    Napi::Reference<Napi::Uint8Array> source; // read in place: the caller must not change it
    Napi::Reference<Napi::Uint8Array> target; // V8's own memory, filled in place
};

std::unique_ptr<feed_work> work_of(Napi::Env env, const Napi::Object & o, const std::shared_ptr<environment> & home, const feedback_holder & holder) {
    auto work    = std::make_unique<feed_work>();
    work->weight = string_of(o, "weight");
    holder.get();
    work->found        = holder.found;
    const auto     source = view_of<Napi::Uint8Array>(o.Get("source"), "source", napi_uint8_array);
    quantize_job & job    = work->job;
    job.type        = parse_type(string_of(o, "type"));
    job.source_type = parse_source_type(string_of(o, "sourceType"));
    job.via         = float_type::f32;
    job.n_per_row   = integer_of(o, "rowLength");
    job.stopping    = &home->stopping;
    work->found->check(work->weight, job);
    const size_t n_source_bytes = (size_t) row_bytes(job.source_type, job.n_per_row);
    if (source.ByteLength() % n_source_bytes != 0) {
        throw std::invalid_argument("source must be whole rows");
    }
    job.n_rows   = source.ByteLength() / n_source_bytes;
    auto target  = Napi::Uint8Array::New(env, (size_t) (job.n_rows * row_bytes(job.type, job.n_per_row)));
    work->source = Napi::Persistent(source);
    work->target = Napi::Persistent(target);
    job.source   = source.Data();
    job.target   = target.Data();
    return work;
}

Napi::Value feed(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const feedback_holder & holder) {
    const Napi::Env env = info.Env();
    return pooled(
        env, home, feeders, [&] { return work_of(env, object_at(info, 0), home, holder); },
        [](feed_work & w) { w.found->quantize(w.weight, w.job); }, [](Napi::Env, feed_work & w) -> Napi::Value { return w.target.Value(); });
}

}

Napi::Value make_feedback_object(Napi::Env env, const std::shared_ptr<environment> & home, const std::shared_ptr<feedback> & found) {
    const auto holder = std::make_shared<feedback_holder>();
    holder->found     = found;

    Napi::Object object = Napi::Object::New(env);
    const auto   names  = found->weights();
    Napi::Array  list   = Napi::Array::New(env, names.size());
    for (size_t i = 0; i < names.size(); i++) {
        list.Set((uint32_t) i, Napi::String::New(env, names[i]));
    }
    object.Set("weights", list);
    object.Set("matrix", Napi::Function::New(env, [holder](const Napi::CallbackInfo & info) -> Napi::Value {
        return guarded(info.Env(), "native/failed", [&] {
            const hessian & h     = holder->get().of(info.Length() > 0 ? info[0].ToString().Utf8Value() : std::string());
            auto            array = Napi::Float32Array::New(info.Env(), h.values.size());
            std::copy(h.values.begin(), h.values.end(), array.Data());
            return array;
        });
    }));
    object.Set("quantize", Napi::Function::New(env, [home, holder](const Napi::CallbackInfo & info) { return feed(info, home, *holder); }));
    object.Set("close", Napi::Function::New(env, [holder](const Napi::CallbackInfo &) {
        if (holder->found) {
            holder->found->stop();
            holder->found = nullptr;
        }
    }));
    return object;
}

}
