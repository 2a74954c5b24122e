// A grammar from JavaScript (HeldTo, checkGrammar in src/node/native.ts).
#include "../constraint.h"

#include "surface.h"
#include "values.h"

namespace ingot {

constraint_options parse_constraint(const Napi::Object & o) {
    constraint_options out;
    out.rules       = std::make_shared<const grammar>(tokens_of(o.Get("numbers"), "numbers"));
    out.root        = integer_of(o, "root", -1);
    out.is_thinking = flag_of(o, "isThinking");
    out.written     = string_of(o, "written", "");
    const Napi::Value thinking = o.Get("thinking");
    if (thinking.IsObject()) {
        out.thinking_open  = string_of(thinking.As<Napi::Object>(), "open");
        out.thinking_close = string_of(thinking.As<Napi::Object>(), "close");
    }
    const Napi::Value triggers = o.Get("triggers");
    if (triggers.IsArray()) {
        const Napi::Array array = triggers.As<Napi::Array>();
        for (uint32_t i = 0; i < array.Length(); i++) {
            const Napi::Value item = array[i];
            if (!item.IsObject()) {
                throw std::invalid_argument("triggers must be objects");
            }
            const Napi::Object t = item.As<Napi::Object>();
            out.triggers.push_back({ string_of(t, "text"), integer_of(t, "root"), flag_of(item, "atStart") });
            if (out.triggers.back().text.empty()) {
                throw std::invalid_argument("A trigger must not be empty");
            }
        }
    }
    return out;
}

Napi::Value check_grammar(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), "native/failed", [&]() -> Napi::Value {
        const Napi::Object o    = object_at(info, 0);
        const std::string  text = string_of(o, "text");
        const auto rules = std::make_shared<const grammar>(tokens_of(o.Get("numbers"), "numbers"));
        grammar_text at(rules, integer_of(o, "root"));
        size_t n = 0;
        while (n < text.size() && at.push(std::string_view(text).substr(n, 1))) {
            n++;
        }
        Napi::Object object = Napi::Object::New(info.Env());
        object.Set("bytes", Napi::Number::New(info.Env(), (double) n));
        object.Set("isComplete", Napi::Boolean::New(info.Env(), at.is_complete()));
        object.Set("canGoOn", Napi::Boolean::New(info.Env(), at.can_go_on()));
        object.Set("hasGivenUp", Napi::Boolean::New(info.Env(), at.has_given_up()));
        return object;
    });
}

Napi::Value shortest_ends(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), "native/failed", [&]() -> Napi::Value {
        const auto  ends  = constraint(parse_constraint(object_at(info, 0))).ends(strings_of(info[1], "pieces"));
        Napi::Array array = Napi::Array::New(info.Env(), ends.size());
        for (uint32_t i = 0; i < ends.size(); i++) {
            array[i] = ends[i] ? Napi::Value(Napi::Buffer<char>::Copy(info.Env(), ends[i]->data(), ends[i]->size())) : info.Env().Undefined();
        }
        return array;
    });
}

}
