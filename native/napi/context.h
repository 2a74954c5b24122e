// The JavaScript object of a context.
#pragma once

#include "../lanes.h"
#include "environment.h"

namespace ingot {

Napi::Object make_context_object(Napi::Env env, const std::shared_ptr<environment> & home, const std::shared_ptr<lanes> & context);

}
