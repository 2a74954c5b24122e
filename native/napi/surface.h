// The parts that addon.cpp puts together to the surface of src/node/native.ts.
#pragma once

#include "environment.h"

namespace ingot {

Napi::Value load_model(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home);

Napi::Value create_sha256(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home);

Napi::Value quantize(const Napi::CallbackInfo & info, const std::shared_ptr<environment> & home);

}
