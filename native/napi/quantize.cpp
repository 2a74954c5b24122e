// quantizeRows and rowErrors of src/node/native.ts, on threads of our own.
#include "../quantize.h"
#include "../row_error.h"

#include "../api.h"
#include "surface.h"
#include "thread_pool.h"
#include "values.h"

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

}

Napi::Value quantize(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home) {
    const Napi::Env env = info.Env();
    const auto deferred = Napi::Promise::Deferred::New(env);
    try {
        require_open_libraries();
        const Napi::Object o      = object_at(info, 0);
        const auto         source = view_of<Napi::Uint8Array>(o.Get("source"), "source", napi_uint8_array);

        struct work {
            quantize_job                      job{};
            Napi::Reference<Napi::Uint8Array> source; // read in place, as fs.write does: the caller must not change it
            Napi::Reference<Napi::Uint8Array> target; // V8's own memory, filled in place
            std::vector<float>                imatrix;
        };
        auto           owned = std::make_unique<work>();
        work *         w     = owned.get();
        quantize_job & job   = w->job;
        job.type        = parse_type(string_of(o, "type"));
        job.source_type = parse_source_type(string_of(o, "sourceType"));
        job.via         = float_type_of(o, "via");
        job.n_per_row   = integer_of(o, "rowLength");
        job.plain       = o.Get("plain").ToBoolean();
        job.stopping    = &home->stopping;
        const int64_t n_row_bytes    = row_bytes(job.type, job.n_per_row);
        const size_t  n_source_bytes = (size_t) row_bytes(job.source_type, job.n_per_row);
        if (source.ByteLength() % n_source_bytes != 0) {
            throw std::invalid_argument("source must be whole rows");
        }
        job.n_rows = source.ByteLength() / n_source_bytes;
        if (!o.Get("imatrix").IsUndefined()) {
            w->imatrix  = importances_of(o, job.n_per_row);
            job.imatrix = w->imatrix.data();
        }
        check_quantize(job);
        auto target = Napi::Uint8Array::New(env, (size_t) (job.n_rows * n_row_bytes));
        w->source  = Napi::Persistent(source);
        w->target  = Napi::Persistent(target);
        job.source = source.Data();
        job.target = target.Data();

        owned.release();
        home->hold(env);
        home->begin_job();
        quantizers.submit([home, deferred, w] {
            std::string error;
            bool        is_data = false;
            try {
                quantize_rows(w->job);
            } catch (const not_finite_error & e) {
                error   = e.what();
                is_data = true;
            } catch (const std::exception & e) {
                error = e.what();
            }
            home->post([home, deferred, w, error, is_data](Napi::Env env) {
                const std::unique_ptr<work> owned(w);
                home->release(env);
                if (error.empty()) {
                    deferred.Resolve(w->target.Value());
                } else {
                    deferred.Reject(make_error(env, is_data ? "data/checkpoint" : "native/failed", error).Value());
                }
            });
            home->end_job();
        });
    } catch (const std::exception & error) {
        deferred.Reject(make_error(env, "bug/internal", error.what()).Value());
    }
    return deferred.Promise();
}

Napi::Value row_errors(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home) {
    const Napi::Env env = info.Env();
    const auto deferred = Napi::Promise::Deferred::New(env);
    try {
        require_open_libraries();
        const Napi::Object o      = object_at(info, 0);
        const auto         source = view_of<Napi::Uint8Array>(o.Get("source"), "source", napi_uint8_array);

        struct work {
            row_error_job                     job{};
            Napi::Reference<Napi::Uint8Array> source; // read in place: the caller must not change it
            std::vector<float>                imatrix;
            std::vector<double>               errors;
        };
        auto            owned = std::make_unique<work>();
        work *          w     = owned.get();
        row_error_job & job   = w->job;
        const Napi::Value given = o.Get("types");
        if (!given.IsArray()) {
            throw std::invalid_argument("types must be an array");
        }
        const auto types = given.As<Napi::Array>();
        for (uint32_t i = 0; i < types.Length(); i++) {
            job.types.push_back(parse_type(types.Get(i).ToString()));
        }
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
            w->imatrix  = importances_of(o, job.n_per_row);
            job.imatrix = w->imatrix.data();
        }
        check_row_error(job);
        w->source  = Napi::Persistent(source);
        job.source = source.Data();

        owned.release();
        home->hold(env);
        home->begin_job();
        quantizers.submit([home, deferred, w] {
            std::string error;
            bool        is_data = false;
            try {
                w->errors = row_error(w->job);
            } catch (const not_finite_error & e) {
                error   = e.what();
                is_data = true;
            } catch (const std::exception & e) {
                error = e.what();
            }
            home->post([home, deferred, w, error, is_data](Napi::Env env) {
                const std::unique_ptr<work> owned(w);
                home->release(env);
                if (!error.empty()) {
                    deferred.Reject(make_error(env, is_data ? "data/checkpoint" : "native/failed", error).Value());
                    return;
                }
                auto errors = Napi::Float64Array::New(env, w->errors.size());
                std::copy(w->errors.begin(), w->errors.end(), errors.Data());
                deferred.Resolve(errors);
            });
            home->end_job();
        });
    } catch (const std::exception & error) {
        deferred.Reject(make_error(env, "bug/internal", error.what()).Value());
    }
    return deferred.Promise();
}

}
