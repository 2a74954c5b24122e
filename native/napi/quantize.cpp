// quantizeRows and rowErrors of src/node/native.ts, on threads of our own.
#include "../quantize.h"
#include "../row_error.h"

#include "../api.h"
#include "pooled.h"
#include "surface.h"

#include <algorithm>

namespace ingot {

namespace {

thread_pool & quantizers = *new thread_pool;

float_type float_type_of(const Napi::Object & o, const char * name) {
    const std::string text = string_of(o, name);
    if (text == "F32") {
        return float_type::f32;
    }
    if (text == "F16") {
        return float_type::f16;
    }
    if (text == "BF16") {
        return float_type::bf16;
    }
    throw std::invalid_argument(std::string(name) + " must be F32, F16 or BF16");
}

std::vector<float> importances_of(const Napi::Object & o, int64_t n_per_row) {
    const auto imatrix = view_of<Napi::Float32Array>(o.Get("imatrix"), "imatrix", napi_float32_array);
    if ((int64_t) imatrix.ElementLength() != n_per_row) {
        throw std::invalid_argument("imatrix must have one value per column");
    }
    return std::vector<float>(imatrix.Data(), imatrix.Data() + imatrix.ElementLength());
}

// The rows that a job reads and what it weighs errors by, held while it runs.
struct rows {
    Napi::Reference<Napi::Uint8Array> source; // read in place, as fs.write does: the caller must not change it
    std::vector<float>                imatrix;
};

// Fills in what jobs over rows have in common. The data stays where it is.
template <typename Job> void read_rows(const Napi::Object & o, const std::shared_ptr<environment> & home, Job & job, rows & held) {
    const auto source = view_of<Napi::Uint8Array>(o.Get("source"), "source", napi_uint8_array);
    job.source_type = parse_source_type(string_of(o, "sourceType"));
    job.via         = float_type_of(o, "via");
    job.n_per_row   = integer_of(o, "rowLength");
    job.stopping    = &home->stopping;
    const size_t n_source_bytes = (size_t) row_bytes(job.source_type, job.n_per_row);
    if (source.ByteLength() % n_source_bytes != 0) {
        throw std::invalid_argument("source must be whole rows");
    }
    job.n_rows = source.ByteLength() / n_source_bytes;
    if (!o.Get("imatrix").IsUndefined()) {
        held.imatrix = importances_of(o, job.n_per_row);
        job.imatrix  = held.imatrix.data();
    }
    job.source  = source.Data();
    held.source = Napi::Persistent(source);
}

}

Napi::Value quantize(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home) {
    struct work {
        quantize_job                      job{};
        rows                              held;
        Napi::Reference<Napi::Uint8Array> target; // V8's own memory, filled in place
    };
    const auto prepare = [&] {
        require_open_libraries();
        const Napi::Object o = object_at(info, 0);
        auto               w = std::make_unique<work>();
        quantize_job & job   = w->job;
        job.type             = parse_type(string_of(o, "type"));
        job.plain            = o.Get("plain").ToBoolean();
        read_rows(o, home, job, w->held);
        const int64_t n_row_bytes = row_bytes(job.type, job.n_per_row);
        check_quantize(job);
        auto target = Napi::Uint8Array::New(info.Env(), (size_t) (job.n_rows * n_row_bytes));
        w->target   = Napi::Persistent(target);
        job.target  = target.Data();
        return w;
    };
    return pooled(
        info.Env(), home, quantizers, prepare, [](work & w) { quantize_rows(w.job); },
        [](Napi::Env, work & w) -> Napi::Value { return w.target.Value(); });
}

Napi::Value row_errors(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home) {
    struct work {
        row_error_job       job{};
        rows                held;
        std::vector<double> errors;
    };
    const auto prepare = [&] {
        require_open_libraries();
        const Napi::Object o = object_at(info, 0);
        auto               w = std::make_unique<work>();
        const Napi::Value given = o.Get("types");
        if (!given.IsArray()) {
            throw std::invalid_argument("types must be an array");
        }
        const auto types = given.As<Napi::Array>();
        for (uint32_t i = 0; i < types.Length(); i++) {
            w->job.types.push_back(parse_type(types.Get(i).ToString()));
        }
        read_rows(o, home, w->job, w->held);
        check_row_error(w->job);
        return w;
    };
    return pooled(
        info.Env(), home, quantizers, prepare, [](work & w) { w.errors = row_error(w.job); },
        [](Napi::Env env, work & w) -> Napi::Value {
            auto errors = Napi::Float64Array::New(env, w.errors.size());
            std::copy(w.errors.begin(), w.errors.end(), errors.Data());
            return errors;
        });
}

}
