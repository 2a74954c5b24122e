// What is measured with a model (NativeLab of src/node/nativeLab.ts):
// each call is a job on a thread of its own, that can be ended between two nodes of a graph.
#include "../feedback/feedback.h"
#include "../lab/bench.h"
#include "../lab/imatrix.h"
#include "../lab/scores.h"
#include "failure.h"
#include "model.h"
#include "surface.h"
#include "values.h"

#include <algorithm>
#include <chrono>

namespace ingot {

namespace {

struct lab_job {
    std::shared_ptr<environment>        home;
    std::vector<std::shared_ptr<model>> models;
    std::atomic<bool>                   is_aborted{ false };
    std::atomic<uint64_t>               n_steps{ 0 };

    // Asked behind every step of the work.
    bool is_stopped() {
        n_steps.fetch_add(1, std::memory_order_relaxed);
        const auto is_closing = [](const std::shared_ptr<model> & m) { return m->is_closing.load(); };
        return is_aborted || home->stopping || std::any_of(models.begin(), models.end(), is_closing);
    }
};

// A job with the model of `this`. Throws when that is closed.
std::shared_ptr<lab_job> job_with(const std::shared_ptr<environment> & home, const std::shared_ptr<model_holder> & holder) {
    holder->get();
    const auto job = std::make_shared<lab_job>();
    job->home      = home;
    job->models    = { holder->loaded };
    return job;
}

// Calls a JavaScript function from a job.
class listener {
public:
    listener(const std::shared_ptr<environment> & home_, const Napi::CallbackInfo & info, size_t i) : home(home_) {
        if (info.Length() > i && info[i].IsFunction()) {
            function = std::make_shared<Napi::FunctionReference>(Napi::Persistent(info[i].As<Napi::Function>()));
            function->SuppressDestruct(); // the last owner may be the job's thread
        }
    }

    // Any thread. `arguments` runs on JavaScript's.
    void call(std::function<std::vector<napi_value>(Napi::Env)> arguments) const {
        if (function) {
            home->post([function = function, arguments = std::move(arguments)](Napi::Env env) { function->Call(arguments(env)); });
        }
    }

    // JavaScript thread, when the job has ended.
    void release() const {
        if (function) {
            function->Reset();
        }
    }

private:
    std::shared_ptr<environment>             home;
    std::shared_ptr<Napi::FunctionReference> function;
};

// Runs `work` with the models' weights held; `make` turns what it returns into the promise's value.
template <typename T>
Napi::Object start_job(Napi::Env env, const std::shared_ptr<lab_job> & job, const listener & watcher, std::function<T()> work,
                       std::function<Napi::Value(Napi::Env, T &)> make) {
    const auto deferred = Napi::Promise::Deferred::New(env);
    job->home->hold(env);
    job->home->start([job, deferred, watcher, work = std::move(work), make = std::move(make)] {
        std::shared_ptr<T> result;
        const auto         failed = failure_of("data/gguf", [&] {
            std::vector<std::unique_ptr<model_lease>> leases;
            for (const auto & m : job->models) {
                leases.push_back(std::make_unique<model_lease>(m));
            }
            result = std::make_shared<T>(work());
        });
        job->home->post([job, deferred, watcher, make, result, failed](Napi::Env env) {
            watcher.release();
            job->home->release(env);
            if (failed) {
                deferred.Reject(make_error(env, failed->code, failed->message).Value());
            } else {
                deferred.Resolve(make(env, *result));
            }
        });
    });
    Napi::Object object = Napi::Object::New(env);
    object.Set("done", deferred.Promise());
    object.Set("abort", Napi::Function::New(env, [job](const Napi::CallbackInfo &) { job->is_aborted = true; }));
    object.Set("steps", Napi::Function::New(env, [job](const Napi::CallbackInfo & info) -> Napi::Value {
        return Napi::Number::New(info.Env(), (double) job->n_steps);
    }));
    return object;
}

template <typename Array, typename T> Array numbers(Napi::Env env, const std::vector<T> & values) {
    Array array = Array::New(env, values.size());
    std::copy(values.begin(), values.end(), array.Data());
    return array;
}

chunk_plan plan_of(const Napi::Object & o, bool is_scored) {
    const Napi::Value tokens = o.Get("tokens");
    if (!tokens.IsTypedArray() || tokens.As<Napi::TypedArray>().TypedArrayType() != napi_int32_array) {
        throw std::invalid_argument("tokens must be an Int32Array");
    }
    const auto array = tokens.As<Napi::Int32Array>();
    chunk_plan plan;
    plan.n_ctx     = integer_of(o, "contextTokens");
    plan.n_threads = integer_of(o, "threads");
    if (plan.n_ctx < 4) {
        throw std::invalid_argument("contextTokens must be at least 4");
    }
    plan.n_chunks     = (int32_t) (array.ElementLength() / plan.n_ctx);
    plan.first_output = is_scored ? plan.n_ctx / 2 : 0;
    plan.tokens.assign(array.Data(), array.Data() + (size_t) plan.n_chunks * plan.n_ctx);
    return plan;
}

// When what there is of an importance matrix is given: after so many chunks, and after so long since the last time.
class save_pace {
public:
    save_pace(int32_t n_every_, double every_ms_, int32_t n_chunks) : n_every(n_every_), every_ms(every_ms_), n_counted(n_chunks) {}

    bool is_due(int32_t n_chunks) {
        const bool by_count = n_every > 0 && n_chunks - n_counted >= n_every;
        const auto now      = std::chrono::steady_clock::now();
        const bool by_time  = every_ms >= 0 && std::chrono::duration<double, std::milli>(now - given).count() >= every_ms;
        if (by_count) {
            n_counted = n_chunks;
        }
        if (by_count || by_time) {
            given = now;
        }
        return by_count || by_time;
    }

private:
    const int32_t                         n_every;  // 0: never
    const double                          every_ms; // below 0: never
    int32_t                               n_counted;
    std::chrono::steady_clock::time_point given = std::chrono::steady_clock::now();
};

Napi::Value imatrix_value(Napi::Env env, const imatrix & entries) {
    Napi::Array array = Napi::Array::New(env, entries.size());
    uint32_t    i     = 0;
    for (const auto & [name, entry] : entries) {
        Napi::Object object = Napi::Object::New(env);
        object.Set("name", Napi::String::New(env, name));
        object.Set("sums", numbers<Napi::Float32Array>(env, entry.sums));
        std::vector<double> counts(entry.counts.begin(), entry.counts.end());
        if (!entry.is_routed) {
            counts.resize(1); // of matrices that all saw the same number of rows
        }
        object.Set("counts", numbers<Napi::Float64Array>(env, counts));
        array.Set(i++, object);
    }
    return array;
}

// Of an earlier run, as imatrix_value gave them; empty when there was none.
imatrix earlier_of(const Napi::Object & o) {
    imatrix           entries;
    const Napi::Value value = o.Get("earlier");
    if (value.IsUndefined()) {
        return entries;
    }
    if (!value.IsArray()) {
        throw std::invalid_argument("earlier must be an array of entries");
    }
    const Napi::Array array = value.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); i++) {
        const Napi::HandleScope scope(array.Env());
        const Napi::Value item = array[i];
        if (!item.IsObject()) {
            throw std::invalid_argument("earlier must be an array of entries");
        }
        const Napi::Object object = item.As<Napi::Object>();
        const auto         sums   = view_of<Napi::Float32Array>(object.Get("sums"), "sums", napi_float32_array);
        const Napi::Value  counts = object.Get("counts");
        if (!counts.IsTypedArray() || counts.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) {
            throw std::invalid_argument("counts must be a Float64Array");
        }
        const auto      rows  = counts.As<Napi::Float64Array>();
        imatrix_entry & entry = entries[string_of(object, "name")];
        entry.sums.assign(sums.Data(), sums.Data() + sums.ElementLength());
        entry.counts.assign(rows.Data(), rows.Data() + rows.ElementLength());
        entry.is_routed = entry.counts.size() > 1;
        if (entry.sums.empty() || entry.counts.empty()) {
            throw std::invalid_argument("An entry has no sums or no counts");
        }
    }
    return entries;
}

Napi::Value tokenize_text(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<model_holder> & holder) {
    return guarded(info.Env(), "native/failed", [&]() -> Napi::Value {
        if (info.Length() < 1 || !info[0].IsString()) {
            throw std::invalid_argument("text must be a string");
        }
        const auto job  = job_with(home, holder);
        const auto text = std::make_shared<std::string>(info[0].As<Napi::String>().Utf8Value());
        const bool add_special   = info.Length() > 1 && flag_of(info[1], "addSpecial");
        const bool parse_special = info.Length() > 1 && flag_of(info[1], "parseSpecial");
        return start_job<std::vector<llama_token>>(
            info.Env(), job, listener(home, info, 2),
            [m = holder->loaded, text, add_special, parse_special] { return m->tokenize(*text, add_special, parse_special); },
            [](Napi::Env env, std::vector<llama_token> & tokens) -> Napi::Value { return numbers<Napi::Int32Array>(env, tokens); });
    });
}

Napi::Value collect(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<model_holder> & holder) {
    return guarded(info.Env(), "native/failed", [&]() -> Napi::Value {
        const Napi::Object o      = object_at(info, 0);
        const auto         job    = job_with(home, holder);
        const auto plan           = std::make_shared<chunk_plan>(plan_of(o, false));
        const bool with_output    = flag_of(o, "withOutput");
        const int32_t save_every  = integer_of(o, "saveEvery", 0);
        const double  save_ms     = number_of(o, "saveMs", -1);
        const auto earlier        = std::make_shared<imatrix>(earlier_of(o));
        const listener watcher(home, info, 1);
        plan->first_chunk = integer_of(o, "firstChunk", 0);
        plan->check(*holder->loaded);
        return start_job<imatrix>(
            info.Env(), job, watcher,
            [m = holder->loaded, job, plan, with_output, due = save_pace(save_every, save_ms, plan->first_chunk), earlier, watcher]() mutable {
                return collect_imatrix(m, *plan, with_output, std::move(*earlier), [job] { return job->is_stopped(); }, [&](int32_t n_chunks, const imatrix & so_far) {
                    // copied only then: the sums of a large model are many megabytes
                    const auto copy = n_chunks < plan->n_chunks && due.is_due(n_chunks) ? std::make_shared<imatrix>(so_far) : nullptr;
                    watcher.call([n_chunks, copy](Napi::Env env) -> std::vector<napi_value> {
                        return { Napi::Number::New(env, n_chunks), copy ? imatrix_value(env, *copy) : env.Undefined() };
                    });
                });
            },
            [](Napi::Env env, imatrix & entries) { return imatrix_value(env, entries); });
    });
}

Napi::Value hessians_of(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<model_holder> & holder) {
    return guarded(info.Env(), "native/failed", [&]() -> Napi::Value {
        const Napi::Object o    = object_at(info, 0);
        const auto         job  = job_with(home, holder);
        const auto     plan     = std::make_shared<chunk_plan>(plan_of(o, false));
        const listener watcher(home, info, 1);
        plan->check(*holder->loaded);
        hessian_options options{ {}, plan->n_threads };
        if (!o.Get("weights").IsArray()) {
            throw std::invalid_argument("weights must be an array of names");
        }
        const auto names = o.Get("weights").As<Napi::Array>();
        for (uint32_t i = 0; i < names.Length(); i++) {
            options.weights.insert(names.Get(i).ToString().Utf8Value());
        }
        return start_job<std::shared_ptr<feedback>>(
            info.Env(), job, watcher,
            [m = holder->loaded, job, plan, options, watcher] {
                return std::make_shared<feedback>(collect_hessians(m, *plan, options, [job] { return job->is_stopped(); },
                                                                   [&](int32_t n_chunks) {
                                                                       watcher.call([n_chunks](Napi::Env env) -> std::vector<napi_value> { return { Napi::Number::New(env, n_chunks) }; });
                                                                   }),
                                                  options.n_threads);
            },
            [home](Napi::Env env, std::shared_ptr<feedback> & found) { return make_feedback_object(env, home, found); });
    });
}

score_watcher telling(const listener & watcher) {
    return [watcher](const score_progress & p) {
        watcher.call([p](Napi::Env env) -> std::vector<napi_value> {
            return { Napi::Number::New(env, p.n_tokens), Napi::Number::New(env, p.mean_nll), Napi::Number::New(env, p.mean_kld) };
        });
    };
}

Napi::Value perplexity(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<model_holder> & holder) {
    return guarded(info.Env(), "native/failed", [&]() -> Napi::Value {
        const Napi::Object o      = object_at(info, 0);
        const auto         job    = job_with(home, holder);
        const auto        plan    = std::make_shared<chunk_plan>(plan_of(o, true));
        const std::string logits  = string_of(o, "saveLogits", "");
        const listener    watcher(home, info, 1);
        plan->check(*holder->loaded);
        return start_job<perplexity_scores>(
            info.Env(), job, watcher,
            [m = holder->loaded, job, plan, logits, watcher] { return score_perplexity(m, *plan, logits, [job] { return job->is_stopped(); }, telling(watcher)); },
            [](Napi::Env env, perplexity_scores & scores) -> Napi::Value { return numbers<Napi::Float64Array>(env, scores.nll); });
    });
}

Napi::Value divergence_value(Napi::Env env, const divergence_scores & scores) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("nll", numbers<Napi::Float64Array>(env, scores.nll));
    object.Set("nllBase", numbers<Napi::Float64Array>(env, scores.nll_base));
    object.Set("kld", numbers<Napi::Float64Array>(env, scores.kld));
    object.Set("pDiff", numbers<Napi::Float32Array>(env, scores.p_diff));
    object.Set("sameTop", numbers<Napi::Uint8Array>(env, scores.same_top));
    return object;
}

chunk_plan plan_of(const logits_reader & file, const model & m, int32_t n_threads) {
    const logits_header & header = file.header;
    if (header.n_vocab != m.info.n_vocabulary) {
        throw std::runtime_error("The logits file is of a model with " + std::to_string(header.n_vocab) + " tokens and this one has " +
                                 std::to_string(m.info.n_vocabulary) + "; only models with the same vocabulary can be compared");
    }
    chunk_plan plan{ header.tokens, header.n_ctx, header.n_chunks, header.n_ctx / 2, n_threads };
    plan.check(m);
    return plan;
}

Napi::Value divergence(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<model_holder> & holder) {
    return guarded(info.Env(), "native/failed", [&]() -> Napi::Value {
        const Napi::Object o   = object_at(info, 0);
        const auto         job = job_with(home, holder);
        const listener watcher(home, info, 1);
        const auto     make = [](Napi::Env env, divergence_scores & scores) { return divergence_value(env, scores); };
        if (!o.Get("logits").IsUndefined()) {
            const std::string path      = string_of(o, "logits");
            const int32_t     n_threads = integer_of(o, "threads");
            return start_job<divergence_scores>(
                info.Env(), job, watcher,
                [m = holder->loaded, job, path, n_threads, watcher] {
                    logits_reader    base(path);
                    const chunk_plan plan = plan_of(base, *m, n_threads);
                    return score_divergence(m, base, plan, [job] { return job->is_stopped(); }, telling(watcher));
                },
                make);
        }
        const auto reference = holder_of(o.Get("reference"));
        reference->get();
        if (!holder->loaded->has_vocabulary_of(*reference->loaded)) {
            throw make_error(info.Env(), "data/unsupported", "The two models have different vocabularies (" + std::to_string(holder->loaded->info.n_vocabulary) +
                                                                 " and " + std::to_string(reference->loaded->info.n_vocabulary) +
                                                                 " tokens); only models with the same one can be compared");
        }
        job->models.push_back(reference->loaded);
        const auto plan = std::make_shared<chunk_plan>(plan_of(o, true));
        plan->check(*holder->loaded);
        return start_job<divergence_scores>(
            info.Env(), job, watcher,
            [m = holder->loaded, base = reference->loaded, job, plan, watcher] {
                return score_divergence(m, base, *plan, [job] { return job->is_stopped(); }, telling(watcher));
            },
            make);
    });
}

bench_plan bench_plan_of(const Napi::Object & o) {
    bench_plan plan;
    plan.is_shared = flag_of(o, "isShared");
    plan.n_batch   = integer_of(o, "batchTokens");
    plan.n_ubatch  = integer_of(o, "microBatchTokens");
    plan.n_threads = integer_of(o, "threads");
    const Napi::Value runs = o.Get("runs");
    if (!runs.IsArray()) {
        throw std::invalid_argument("runs must be an array");
    }
    for (uint32_t i = 0; i < runs.As<Napi::Array>().Length(); i++) {
        const Napi::Value run = runs.As<Napi::Array>().Get(i);
        if (!run.IsObject()) {
            throw std::invalid_argument("runs must be an array of objects");
        }
        const auto r = run.As<Napi::Object>();
        plan.runs.push_back({ integer_of(r, "promptTokens"), integer_of(r, "generateTokens"), integer_of(r, "parallel") });
    }
    plan.check();
    return plan;
}

Napi::Value bench_value(Napi::Env env, const std::vector<bench_result> & results) {
    Napi::Array array = Napi::Array::New(env, results.size());
    for (uint32_t i = 0; i < results.size(); i++) {
        Napi::Object object = Napi::Object::New(env);
        object.Set("promptSeconds", Napi::Number::New(env, results[i].prompt_s));
        object.Set("stepSeconds", numbers<Napi::Float64Array>(env, results[i].step_s));
        array.Set(i, object);
    }
    return array;
}

Napi::Value benchmark(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home, const std::shared_ptr<model_holder> & holder) {
    return guarded(info.Env(), "native/failed", [&]() -> Napi::Value {
        const auto job  = job_with(home, holder);
        const auto plan = std::make_shared<bench_plan>(bench_plan_of(object_at(info, 0)));
        const listener watcher(home, info, 1);
        return start_job<std::vector<bench_result>>(
            info.Env(), job, watcher,
            [m = holder->loaded, job, plan, watcher] {
                return run_bench(m, *plan, [job] { return job->is_stopped(); }, [&](size_t run, int32_t n_read, int32_t n_steps) {
                    watcher.call([run, n_read, n_steps](Napi::Env env) -> std::vector<napi_value> {
                        return { Napi::Number::New(env, (double) run), Napi::Number::New(env, n_read), Napi::Number::New(env, n_steps) };
                    });
                });
            },
            [](Napi::Env env, std::vector<bench_result> & results) { return bench_value(env, results); });
    });
}

}

void add_lab(Napi::Env env, Napi::Object object, const std::shared_ptr<environment> & home, const std::shared_ptr<model_holder> & holder) {
    const auto set = [&](const char * name, Napi::Value (*run)(const Napi::CallbackInfo &, const std::shared_ptr<environment> &, const std::shared_ptr<model_holder> &)) {
        object.Set(name, Napi::Function::New(env, [home, holder, run](const Napi::CallbackInfo & info) { return run(info, home, holder); }));
    };
    set("tokenizeText", tokenize_text);
    set("collectImatrix", collect);
    set("collectHessians", hessians_of);
    set("scorePerplexity", perplexity);
    set("scoreDivergence", divergence);
    set("benchmark", benchmark);
}

}
