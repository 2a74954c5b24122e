// JavaScript values to C++ and back, and C++ exceptions to JavaScript errors with a code.
#pragma once

#include "llama.h"

#include <napi.h>

#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ingot {

// `code` is one of ErrorCode in src/base/errors.ts
inline Napi::Error make_error(Napi::Env env, const char * code, const std::string & message) {
    Napi::Error error = Napi::Error::New(env, message);
    error.Set("code", Napi::String::New(env, code));
    return error;
}

// Runs `body`; C++ exceptions become JavaScript ones.
template <typename F> auto guarded(Napi::Env env, const char * code, F body) -> decltype(body()) {
    try {
        return body();
    } catch (const Napi::Error &) {
        throw;
    } catch (const std::invalid_argument & error) {
        throw make_error(env, "bug/internal", error.what());
    } catch (const std::exception & error) {
        throw make_error(env, code, error.what());
    }
}

inline Napi::Object object_at(const Napi::CallbackInfo & info, size_t i) {
    if (info.Length() <= i || !info[i].IsObject()) {
        throw std::invalid_argument("Argument " + std::to_string(i + 1) + " must be an object");
    }
    return info[i].As<Napi::Object>();
}

inline std::string string_of(const Napi::Object & object, const char * name, const char * fallback = nullptr) {
    const Napi::Value value = object.Get(name);
    if (value.IsString()) {
        return value.As<Napi::String>().Utf8Value();
    }
    if (fallback && (value.IsUndefined() || value.IsNull())) {
        return fallback;
    }
    throw std::invalid_argument(std::string(name) + " must be a string");
}

inline double number_of(const Napi::Object & object, const char * name, double fallback = NAN) {
    const Napi::Value value = object.Get(name);
    if (value.IsNumber() && std::isfinite(value.As<Napi::Number>().DoubleValue())) {
        return value.As<Napi::Number>().DoubleValue();
    }
    if (!std::isnan(fallback) && (value.IsUndefined() || value.IsNull())) {
        return fallback;
    }
    throw std::invalid_argument(std::string(name) + " must be a number");
}

inline int32_t integer_of(const Napi::Object & object, const char * name, double fallback = NAN) {
    const double value = number_of(object, name, fallback);
    if (value != std::floor(value) || std::fabs(value) > 2147483647.0) {
        throw std::invalid_argument(std::string(name) + " must be a whole number");
    }
    return (int32_t) value;
}

inline bool flag_of(const Napi::Value & options, const char * name) {
    return options.IsObject() && options.As<Napi::Object>().Get(name).ToBoolean().Value();
}

// bytes of a view; SharedArrayBuffer is refused by N-API, so say it
template <typename T> T view_of(const Napi::Value & value, const char * name, napi_typedarray_type type) {
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
        throw std::invalid_argument(std::string(name) + " must be a " + (type == napi_uint8_array ? "Uint8Array" : "Float32Array"));
    }
    if (!value.As<Napi::TypedArray>().Get("buffer").IsArrayBuffer()) {
        throw std::invalid_argument(std::string(name) + " must not be shared memory");
    }
    return value.As<T>();
}

// `read` gives nothing for an item that is none of `what`
template <typename T, typename F> std::vector<T> items_of(const Napi::Value & value, const char * name, const char * what, F read) {
    const auto refused = [&] { return std::invalid_argument(std::string(name) + " must be an array of " + what); };
    if (!value.IsArray()) {
        throw refused();
    }
    const Napi::Array array = value.As<Napi::Array>();
    std::vector<T>    items;
    items.reserve(array.Length());
    for (uint32_t i = 0; i < array.Length(); i++) {
        const Napi::HandleScope scope(array.Env());
        const Napi::Value       item = array[i];
        std::optional<T>        own  = read(item);
        if (!own) {
            throw refused();
        }
        items.push_back(std::move(*own));
    }
    return items;
}

inline std::vector<llama_token> tokens_of(const Napi::Value & value, const char * name) {
    if (value.IsUndefined() || value.IsNull()) {
        return {};
    }
    return items_of<llama_token>(value, name, "token ids", [](const Napi::Value & item) {
        return item.IsNumber() ? std::optional<llama_token>(item.As<Napi::Number>().Int32Value()) : std::nullopt;
    });
}

inline std::vector<std::string> strings_of(const Napi::Value & value, const char * name) {
    return items_of<std::string>(value, name, "strings", [](const Napi::Value & item) {
        return item.IsString() ? std::optional<std::string>(item.As<Napi::String>().Utf8Value()) : std::nullopt;
    });
}

template <typename T> Napi::Array array_of(Napi::Env env, const std::vector<T> & values) {
    Napi::Array array = Napi::Array::New(env, values.size());
    for (size_t i = 0; i < values.size(); i++) {
        array.Set((uint32_t) i, Napi::Number::New(env, values[i]));
    }
    return array;
}

}
