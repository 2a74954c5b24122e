// The parts that addon.cpp puts together to the surface of src/node/native.ts.
#pragma once

#include "../constraint.h"
#include "environment.h"

namespace ingot {

Napi::Value load_model(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home);

struct model_holder;

// the functions of lab.cpp, on the object of a model
void add_lab(Napi::Env env, Napi::Object object, const std::shared_ptr<environment> & home, const std::shared_ptr<model_holder> & holder);

class feedback;

// What collectHessians resolves with.
Napi::Value make_feedback_object(Napi::Env env, const std::shared_ptr<environment> & home, const std::shared_ptr<feedback> & found);

// Throws std::invalid_argument.
constraint_options parse_constraint(const Napi::Object & o);

Napi::Value check_grammar(const Napi::CallbackInfo & info);
Napi::Value shortest_ends(const Napi::CallbackInfo & info);

Napi::Value create_sha256(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home);

Napi::Value quantize(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home);
Napi::Value row_errors(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home);

}
