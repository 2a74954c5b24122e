// The JavaScript object of an embedder.
#pragma once

#include "../embedder.h"
#include "environment.h"

namespace ingot {

// Throws std::invalid_argument.
embedder_options parse_embedder(const Napi::Object & o);

Napi::Object make_embedder_object(Napi::Env env, const std::shared_ptr<environment> & home, const std::shared_ptr<embedder> & made);

}
